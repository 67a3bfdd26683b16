"""Expectations: messages that are to come, with a deadline. Pure; times are instants, ns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from wedload.channels.message import Message

#: what a subscriber is to an expectation
OPEN: Final = 0  # the message is expected there
HEARD: Final = 1  # it was there
OTHER: Final = 2  # it had not joined when the message was caused: whatever it hears does not count
_STATES: Final = bytes.maketrans(b"\0\1", bytes([OTHER, OPEN]))

#: what became of an awaited message; nobody: no subscriber had joined; no_key: it cannot be told
Fate = Literal["ok", "missed", "nobody", "undecided", "no_key"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a load process expects of a channel."""

    key: str
    since_ns: int  # what causes the message was handed to the socket, for the first time
    deadline_ns: int
    series: int  # that what comes of it is recorded in …
    phase: int  # … and the phase, by the catalogue of the run
    #: (load process, number there) if somebody waits for it
    waiting: tuple[int, int] | None = None
    message: bool = False  # whether they want to read it


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody waited for is there, or will not be in time."""

    waiting: tuple[int, int]
    fate: Fate
    at_ns: int  # when the last of what was expected was there; else when that was decided
    message: Message | None = None


class Open:
    """One expectation on its way, and who has heard what it expects."""

    __slots__ = (
        "expected", "heard", "judged", "last_ns", "left", "ok", "others", "propagation", "size",
    )  # fmt: skip

    def __init__(self, expected: Expected, members: bytes, propagation: list[int]) -> None:
        """`members`: 1 for each subscriber that had joined; `propagation`: takes durations, ns."""
        self.expected = expected
        self.heard = bytearray(members.translate(_STATES))
        self.size = self.left = sum(members)  # subscribers, and those that have not heard it
        self.others = len(members) - self.size  # whose copy is to be ignored, if it comes
        self.ok = 0  # heard in time
        self.last_ns = 0
        self.judged = False  # whether it has been counted
        self.propagation = propagation
