"""Files and folders of results, as a comparison takes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wedload.comparison.k6 import is_k6_summary
from wedload.comparison.sides import Named
from wedload.errors import ResultError, UsageError
from wedload.results.model import SCHEMA
from wedload.results.read import (
    is_result_schema,
    json_files,
    read_document,
    read_json,
    read_result,
    result_from,
)
from wedload.results.recover import is_recording

if TYPE_CHECKING:
    from pathlib import Path

_MAKE_ONE: Final = "write one with: wedload run PLAN -o result.json"


@dataclass(frozen=True, slots=True)
class SideFiles:
    """What a file or folder holds."""

    label: str
    results: tuple[Named, ...]
    k6: tuple[tuple[str, dict[str, Any]], ...]  # file, what it says
    files: tuple[Path, ...]  # that these were read from
    left_out: tuple[str, ...] = ()  # of a folder: what may be a result and cannot be read, and why


def read_side(path: Path) -> SideFiles:
    """Read a result, or all results in a folder and the folders below.

    Raises:
        ResultError: there is nothing to read, or something that is no result.
    """
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise ResultError(f"{path} does not exist", _MAKE_ONE)
    if is_recording(path):
        return SideFiles(str(path), (Named(str(path), read_result(path)),), (), (path,))
    document = read_document(path)
    if is_k6_summary(document):
        return SideFiles(str(path), (), ((str(path), document),), (path,))
    if (found := document.get("schema")) != SCHEMA:
        what = "has no schema" if found is None else f"has the schema {found!r}"
        raise ResultError(
            f"{path} is neither a result of wedload ({SCHEMA!r}) nor a summary that k6 exports:"
            f" it {what}",
            f"{_MAKE_ONE}, or with: k6 run --summary-export summary.json",
        )
    return SideFiles(str(path), (Named(str(path), result_from(document, path)),), (), (path,))


def require_two_sides(base: SideFiles, current: SideFiles, paths: tuple[Path, Path]) -> None:
    """A run beside itself says nothing.

    Raises:
        UsageError: a run is on both sides.
    """
    if paths[0].resolve() == paths[1].resolve():
        raise UsageError(
            f"BASE and CURRENT are both {paths[0]}",
            "name the older result first, then the newer one: wedload compare BASE CURRENT",
        )
    known = {one.result.run.id: one.name for one in base.results}
    for one in current.results:
        if (run := one.result.run.id) in known:
            raise UsageError(
                f"the run {run} is on both sides: {known[run]} and {one.name}",
                "compare two runs, or two folders that have none in common",
            )


def _folder(path: Path) -> SideFiles:
    results, k6, files, left_out, seen = [], [], [], [], set()
    for file in json_files(path):
        try:
            document = read_json(file)
        except ResultError as error:
            if _may_be_cut_off(file):
                left_out.append(f"left out: {error.message}")
            continue  # a folder may hold other files
        if not isinstance(document, dict):
            continue
        schema = document.get("schema")
        if is_k6_summary(document):
            k6.append((str(file), document))
            files.append(file)
        elif schema == SCHEMA:
            result = result_from(document, file)
            files.append(file)
            if result.run.id not in seen:  # a copy of a run is no other run
                seen.add(result.run.id)
                results.append(Named(os.path.relpath(file, path.parent), result))
        elif is_result_schema(schema):
            left_out.append(f"left out: {file} is a result of another version: {schema}")
    if not results and not k6:
        broken = "".join(f"; {one}" for one in left_out)
        raise ResultError(f"the folder {path} holds no result{broken}", _MAKE_ONE)
    return SideFiles(str(path), tuple(results), tuple(k6), tuple(files), tuple(left_out))


def _may_be_cut_off(file: Path) -> bool:
    """Whether a file that is not JSON began as some, as a result on a full disk does."""
    try:
        with file.open("rb") as opened:
            return opened.read(1) in {b"", b"{"}
    except OSError:
        return True
