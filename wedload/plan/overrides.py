"""`--set key=value`: a plan with some of its values replaced, before it is checked.

The key is a dotted path (`scenarios.bridal_show.stages[1].target`), the value is TOML; a bare word
is text. Where names are free, a mistyped one would make a thing of its own beside the one that was
meant, so nothing is added there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import tomli

from wedload.errors import Problem
from wedload.plan.expressions.expression import suggest
from wedload.plan.positions import dotted
from wedload.plan.secrets.checking import without_credential

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.positions import Path

_PART: Final = re.compile(
    r"""\s*(?:(?P<bare>[A-Za-z0-9_-]+)|"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*"""
)
_INDEX: Final = re.compile(r"\[(\d{1,6})\]\s*")


#: table of free names -> what one of these names is
_NAMED: Final = {
    "channels": "channel",
    "data": "data file",
    "dependencies": "dependency",
    "identities": "identity",
    "proxies": "proxy",
    "routes": "route",
    "scenarios": "scenario",
    "targets": "target",
    "variables": "variable",
    "workflows": "workflow",
}


def apply_overrides(
    document: dict[str, Any], overrides: Sequence[str]
) -> tuple[dict[Path, str], list[Problem]]:
    """Change the document in place; gives which text set which path, and what was wrong.

    The texts are as messages may show them.
    """
    sources: dict[Path, str] = {}
    problems: list[Problem] = []
    for text in overrides:
        shown = without_credential(text)
        try:
            path, value = _parse(text)
            if (unknown := _unknown(document, path)) is not None:
                problems.append(Problem(f"--set {shown}", 0, *unknown))
                continue
            made = _assign(document, path, value)
        except ValueError as error:
            problems.append(Problem(f"--set {shown}", 0, str(error)))
        else:
            sources |= dict.fromkeys(made, shown)
    return sources, problems


def _unknown(document: dict[str, Any], path: Path) -> tuple[str, str] | None:
    """Message and hint for a name that the plan does not have and that may not be added."""
    table, name = (*path, None)[:2]
    known = document.get(str(table), {})
    if not isinstance(known, dict) or name is None or name in known:
        return None
    near = suggest(str(name), known, lead="did you mean ")
    if table in _NAMED:
        listed = f"{table}: {', '.join(known)}" if known else f"it has no {table}"
        hint = f"{near or listed} (--set replaces values, it adds none here)"
        return f"the plan has no {_NAMED[str(table)]} {name}", hint
    if table == "benchmarks" and near:  # a row of its own may be added
        return f"the plan has no benchmark {name}", f"{near} (a new row needs a name less like it)"
    return None


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


def _assign(document: dict[str, Any], path: Path, value: Any) -> list[Path]:
    """Set a value; gives its path, and before it those of the tables that had to be made for it.

    Paths have numbers where the document has lists.
    """
    holder: Any = document
    walked: Path = ()
    made: list[Path] = []
    for part in path[:-1]:
        step = _step(holder, part, walked)
        walked = (*walked, step)
        if isinstance(holder, dict) and step not in holder:
            holder[step] = {}
            made.append(walked)
        holder = holder[step]
    step = _step(holder, path[-1], walked)
    holder[step] = value
    return [*made, (*walked, step)]


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
