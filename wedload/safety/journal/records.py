"""How a journal is laid out: its files, and what their records are called. See docs/journal.md."""

from __future__ import annotations

import re
from typing import Final

import orjson

VERSION: Final = 1
RUN: Final = "run"  # name of the coordinator's file …
LOAD: Final = "load"  # … and the beginning of a load process's
SUFFIX: Final = ".jsonl"
COUNT_SUFFIX: Final = ".count"
_LOAD_NAME: Final = re.compile(r"load-(\d+)(?:-(\d+))?")


def load_name(index: int, again: int = 0) -> str:
    """Name of a load process's file; `again`: how many of its index were there before."""
    return f"{LOAD}-{index}-{again}" if again else f"{LOAD}-{index}"


def is_load_name(name: str) -> bool:
    """Whether a file's name is a load process's."""
    return _LOAD_NAME.fullmatch(name) is not None


def index_of(name: str) -> int:
    """The index of the load process whose file has this name."""
    match = _LOAD_NAME.fullmatch(name)
    assert match is not None
    return int(match[1])


def path_of(folder: str, name: str) -> str:
    """Where a file of a journal is."""
    return f"{folder}/{name}{SUFFIX}"


def count_path_of(folder: str, name: str) -> str:
    """Where it is said how many intents a load process has told."""
    return f"{folder}/{name}{COUNT_SUFFIX}"


def head_line(kind: str, name: str) -> bytes:
    """The first line of a file: what it is."""
    head = {"wedload": "journal", "version": VERSION, "kind": kind, "name": name}
    return orjson.dumps(head) + b"\n"
