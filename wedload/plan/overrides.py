"""`--set key=value`: a plan with some of its values replaced, before it is checked.

The key is a dotted path (`scenarios.bridal_show.stages[1].target`), the value is TOML; a bare word
is text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import tomli

from wedload.errors import Problem
from wedload.plan.positions import dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.positions import Path

_PART: Final = re.compile(
    r"""\s*(?:(?P<bare>[A-Za-z0-9_-]+)|"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*"""
)
_INDEX: Final = re.compile(r"\[(\d{1,6})\]\s*")


def apply_overrides(
    document: dict[str, Any], overrides: Sequence[str]
) -> tuple[dict[Path, str], list[Problem]]:
    """Change the document in place; gives which text set which path, and what was wrong."""
    sources: dict[Path, str] = {}
    problems: list[Problem] = []
    for text in overrides:
        try:
            path, value = _parse(text)
            path = _assign(document, path, value)
        except ValueError as error:
            problems.append(Problem(f"--set {text}", 0, str(error)))
        else:
            sources[path] = text
    return sources, problems


def _parse(text: str) -> tuple[Path, Any]:
    path, at = _parse_key(text)
    return path, _parse_value(text[at:].strip())


def _parse_key(text: str) -> tuple[Path, int]:
    """The path in front of the equals sign, and the offset behind this."""
    path: Path = ()
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None:
            raise ValueError("write --set key=value, such as --set http.timeout=5s")
        path = (*path, next(part for part in match.groups() if part is not None))
        at = match.end()
        while (index := _INDEX.match(text, at)) is not None:
            path = (*path, int(index[1]))
            at = index.end()
        if text.startswith("=", at):
            return path, at + 1
        if not text.startswith(".", at):
            raise ValueError("write --set key=value, such as --set http.timeout=5s")
        at += 1


def _parse_value(text: str) -> Any:
    try:
        parsed = tomli.loads(f"value = {text}")
    except (tomli.TOMLDecodeError, RecursionError):
        parsed = {}
    if parsed.keys() == {"value"}:
        return parsed["value"]
    if text[:1] in {'"', "'", "[", "{"}:
        raise ValueError(f"{text} is not a TOML value; check its quotes and brackets")
    return text


def _assign(document: dict[str, Any], path: Path, value: Any) -> Path:
    """Set a value; gives the path with numbers where the document has lists."""
    holder: Any = document
    walked: Path = ()
    for place, part in enumerate(path):
        step = _step(holder, part, walked)
        walked = (*walked, step)
        if place == len(path) - 1:
            holder[step] = value
        else:
            holder = holder.setdefault(step, {}) if isinstance(holder, dict) else holder[step]
    return walked


def _step(holder: Any, part: str | int, walked: Path) -> Any:
    """A part of a path, as the table or list that it leads into wants it."""
    if isinstance(holder, list):
        return _index(holder, part, walked)  # "1" is an index there
    if isinstance(holder, dict) and isinstance(part, str):
        return part
    raise ValueError(f"{dotted(walked)} has no {part} in it")


def _index(rows: list[Any], part: str | int, walked: Path) -> int:
    index = int(part) if re.fullmatch(r"[0-9]{1,6}", str(part)) else -1
    if not 0 <= index < len(rows):
        name = dotted(walked)
        raise ValueError(
            f"{name} is a list of {len(rows)}; write {name}[0] to {name}[{len(rows) - 1}]"
        )
    return index
