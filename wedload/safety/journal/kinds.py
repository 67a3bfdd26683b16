"""What kind of value each key of a journal's records has. Pure.

A journal may have been edited, or come from elsewhere: what is wrong is to be found where it is
read, with its line, and not by who uses it later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from wedload.safety.journal.forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Is = Callable[[Any], bool]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


class WrongKindError(ValueError):
    """A key has a value of another kind than wedload writes, or is not there."""


def is_sealed(value: Any) -> bool:
    """Whether it is a sealed text; see wedload.safety.journal.seal."""
    return isinstance(value, str) or (isinstance(value, list) and all(map(_is_part, value)))


def _is_part(part: Any) -> bool:
    if not isinstance(part, dict):
        return isinstance(part, str)
    for kind in ("env", "file"):
        if kind in part:
            form = part.get("as", "plain")
            return isinstance(part[kind], str) and isinstance(form, str) and form in FORMS
    return is_sealed(part["basic"]) if "basic" in part else isinstance(part.get("bytes"), str)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) is int and value >= 0  # True is none


def _is_seed(value: Any) -> bool:
    return type(value) is int


def _each(kind: Is) -> Is:
    return lambda value: isinstance(value, list) and all(map(kind, value))


def _by_name(kind: Is) -> Is:
    return lambda value: isinstance(value, dict) and all(map(kind, value.values()))


_REQUEST: Final[Mapping[str, Is]] = {"do": _is_text, "to": is_sealed, "head": _each(is_sealed)}
_BODY: Final[Mapping[str, Is]] = {"body": is_sealed}
_ASK: Final[Mapping[str, Is]] = {**_REQUEST, "at": is_sealed}
_SHAPE: Final[Mapping[str, Is]] = {
    **_BODY, "own": _each(_is_text), "digest": is_sealed, "user": is_sealed, "password": is_sealed,
}  # fmt: skip
_PERSON: Final[Mapping[str, Is]] = {
    "as": _is_text, "in": _is_text, "vu": _is_number, "iteration": _is_number,
}  # fmt: skip
_READS: Final[Mapping[str, Is]] = {"vars": _by_name(is_sealed), "rows": _by_name(_is_number)}
_HEAD: Final[Mapping[str, Is]] = {
    "run_id": _is_text, "version": _is_text, "plan_file": _is_text, "plan_text": is_sealed,
    "plan_folder": _is_text, "overrides": _each(is_sealed), "target": _is_text,
    "base_url": is_sealed, "seed": _is_seed, "started_at": _is_text, "workers": _is_number,
}  # fmt: skip


def require_shape(record: Mapping[str, Any]) -> None:
    """Pass what is the shape of deletions.

    Raises:
        WrongKindError: it is none, with the key.
    """
    _require(record, _REQUEST, _SHAPE)
    if ("user" in record) != ("password" in record):
        raise WrongKindError("user and password go together")


def require_person(record: Mapping[str, Any]) -> None:
    """Pass what says how somebody signs in; raises as `require_shape`."""
    _require(record, _PERSON, _READS)
    ask = record.get("ask")
    if ask is not None:
        if not isinstance(ask, dict):
            raise WrongKindError(_what("ask", ask))
        _require(ask, _ASK, _BODY)


def require_head(record: Any) -> None:
    """Pass what says which run it is; raises as `require_shape`."""
    if not isinstance(record, dict):
        raise WrongKindError(_what("run", record))
    _require(record, _HEAD, {})


def require_id(value: Any) -> str:
    """The id of a silence, which is a part of a path; raises as `require_shape`."""
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise WrongKindError("a silence has no id")
    return value


def _require(
    record: Mapping[str, Any], needed: Mapping[str, Is], possible: Mapping[str, Is]
) -> None:
    for key, kind in needed.items():
        if key not in record:
            raise WrongKindError(f"{key} is not there")
        if not kind(record[key]):
            raise WrongKindError(_what(key, record[key]))
    for key, kind in possible.items():
        if key in record and not kind(record[key]):
            raise WrongKindError(_what(key, record[key]))


def _what(key: str, value: Any) -> str:
    """The kind alone: a value may be a secret that somebody has written in."""
    return f"{key} is of another kind: {type(value).__name__}"
