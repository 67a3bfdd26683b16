"""What is known of a key, and the messages with it that nobody expects yet. Pure."""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.expectation import Open
    from wedload.channels.message import Message


class Entry:
    """A key: its expectations that are open, and messages without one. 13 bytes a message."""

    __slots__ = (
        "_at_ns", "_overtaken", "_subscribers", "arrived", "message", "open", "seen",
        "was_expected",
    )  # fmt: skip

    def __init__(self) -> None:
        self.open: list[Open] = []  # those that may be heard still, in order
        self.was_expected = False
        self.arrived: deque[int] = deque()  # first attempts of webhooks that were not accepted, ns
        self.message: Message | None = None  # of the unclaimed ones, if somebody may read it
        self.seen: bytearray | None = None  # by subscriber, where messages have an order
        self._subscribers: array[int] = array("i")
        self._at_ns: array[int] = array("q")
        self._overtaken = bytearray()

    @property
    def unclaimed(self) -> int:
        """How many messages nobody expects yet."""
        return len(self._at_ns)

    @property
    def first_ns(self) -> int:
        """When the first of them came."""
        return self._at_ns[0]

    def keep(self, subscriber: int, at_ns: int, overtaken: bool) -> None:
        """Nobody expects this one yet; `overtaken`: it came behind one that was sent after it."""
        self._subscribers.append(subscriber)
        self._at_ns.append(at_ns)
        self._overtaken.append(overtaken)

    def claim(self, takes: Callable[[int, int, bool], bool]) -> int:
        """Give away the messages that somebody takes, by what they were kept with; how many."""
        every = zip(self._subscribers, self._at_ns, self._overtaken, strict=True)
        before = self.unclaimed
        self._subscribers, self._at_ns, self._overtaken = array("i"), array("q"), bytearray()
        for subscriber, at_ns, overtaken in every:
            if not takes(subscriber, at_ns, bool(overtaken)):
                self.keep(subscriber, at_ns, bool(overtaken))
        return before - self.unclaimed

    def give_up(self, until_ns: int | None = None) -> int:
        """Let go of those that came until then; how many."""
        return self.claim(lambda _s, at_ns, _o: until_ns is None or at_ns <= until_ns)
