"""TOML that is none: what was most likely meant, in the words of somebody who writes plans."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import tomli

_BARE: Final = re.compile(r"\s*(?P<key>[^=#]+?)\s*=\s*(?P<value>[^\s\"'\[{#][^#]*?)\s*(?:#.*)?")
_OPEN: Final = re.compile(r"\s*(?P<key>[^=#]+?)\s*=\s*(?P<quote>[\"'])(?:(?!(?P=quote)).)*")
_KEY: Final = re.compile(r"\s*(?P<key>[^=#\[]+?)\s*=")


def hint_for(error: tomli.TOMLDecodeError) -> str | None:
    """The remedy for the mistakes that are made most; None for others."""
    lines = error.doc.split("\n")
    at = error.lineno - 1
    line = lines[at] if at < len(lines) else ""
    said = error.msg.lower()
    if "overwrite" in said:
        return _given_twice(lines, at)
    if "illegal character" in said and _OPEN.fullmatch(line):
        return "the text that begins here is not closed: a quotation mark is missing"
    bare = _BARE.fullmatch(line)
    if "invalid value" in said and bare is not None and re.match(r"[A-Za-z_]", bare["value"]):
        return f'text stands in quotes: {bare["key"]} = "{bare["value"]}"'
    return None


def _given_twice(lines: list[str], at: int) -> str | None:
    """Where the key of a line was given before, in the same table."""
    key = _KEY.match(lines[at])
    for above in range(at - 1, -1, -1):
        if key is None or lines[above].lstrip().startswith("["):
            return None
        other = _KEY.match(lines[above])
        if other is not None and other["key"] == key["key"]:
            return f"{key['key']} is given twice, first in line {above + 1}: take out one of them"
    return None
