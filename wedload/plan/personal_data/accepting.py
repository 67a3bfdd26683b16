"""What a plan accepts although it may be somebody's data, with the reasons: `[safety.accept]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.plan.expressions.expression import suggest
from wedload.plan.personal_data.found import Found, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a plan accepted, as results and reports have it."""

    what: str  # the name of a file, or a value, masked
    kind: str  # `data file`, or what the value is
    count: int  # how many values this let pass
    reason: str


class Acceptance:
    """The reasons of a plan, and what they were needed for."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self._reasons = reasons
        self._values = {key_of(key): key for key in reasons}
        self._counts: dict[str, int] = {}
        self._found: dict[str, Found] = {}

    def takes(self, found: Found, file: str | None) -> bool:
        """Whether a finding is accepted: by its value, or by the data file that it is in."""
        key = self._values.get(found.key)
        if key is not None:
            self._found[key] = found
        elif file is not None and file in self._reasons:
            key = file
        else:
            return False
        self._counts[key] = self._counts.get(key, 0) + 1
        return True

    def accepted(self) -> tuple[Accepted, ...]:
        """What was needed, in the plan's order."""
        return tuple(
            Accepted(self._found[key].masked, self._found[key].kind, self._counts[key], reason)
            if key in self._found
            else Accepted(key, "data file", self._counts[key], reason)
            for key, reason in self._reasons.items()
            if key in self._counts
        )

    def unused(self) -> list[str]:
        """Keys that nothing needed."""
        return [key for key in self._reasons if key not in self._counts]


def meant(key: str, files: Iterable[str], refused: Iterable[Found]) -> str | None:
    """What a key was probably to be: a file, or a value that was found; masked."""
    if near := suggest(key, list(files), lead="did you mean "):
        return near
    masks = {one.key: one.masked for one in refused}
    if near := suggest(key_of(key), list(masks), lead=""):
        return f"did you mean {masks[near.rstrip('?')]}?"
    return None
