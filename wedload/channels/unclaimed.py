"""What is known of a key: who expects messages with it, and those that nobody expects yet. Pure."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.channels.expectation import HEARD, OPEN, OTHER

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from wedload.channels.expectation import Open
    from wedload.channels.message import Message

#: sequence numbers of a key that repeats are told by
_MOST_SEEN: Final = 64


class Unclaimed(NamedTuple):
    """A message that nobody expects yet."""

    subscriber: int
    at_ns: int
    overtaken: bool  # it came behind one that was sent after it
    message: Message | None  # if somebody may read it


class _Kept:
    """Messages that nobody expects yet, in columns: 13 bytes each, where nobody reads them."""

    __slots__ = ("at_ns", "messages", "overtaken", "subscribers")

    def __init__(self) -> None:
        self.subscribers: array[int] = array("i")
        self.at_ns: array[int] = array("q")
        self.overtaken = bytearray()
        self.messages: list[Message | None] | None = None


class Entry:
    """A key. A hundred thousand are remembered: what not every one has is made when it is there."""

    __slots__ = ("_kept", "_seen", "arrived", "open", "was_expected")

    def __init__(self) -> None:
        self.open: list[Open] = []  # expectations that may be heard still, in order
        self.was_expected = False
        self.arrived: deque[int] | None = None  # first attempts of webhooks, not accepted, ns
        self._seen: dict[float, bytearray] | None = None  # sequence -> by subscriber
        self._kept: _Kept | None = None

    # --- expectations -------------------------------------------------------------------------

    def answered(self, subscriber: int, at_ns: int, linger_ns: int) -> Open | None:
        """The expectation that a message to a subscriber answers; None: there is none.

        Of several the oldest that is not decided and in time: a message that was lost is not to
        make all that follow it late. One long missed is not waited for any longer, behind others.
        """
        every = self.open
        while len(every) > 1 and every[0].expected.deadline_ns < at_ns - linger_ns:
            if not every[0].judged:
                break
            del every[0]
        late: Open | None = None
        for one in every:
            if one.heard[subscriber] == OPEN and at_ns >= one.expected.since_ns:
                if not one.judged and at_ns <= one.expected.deadline_ns:
                    return one
                late = late or one
        return late

    def ignores(self, subscriber: int, at_ns: int) -> bool:
        """Whether it is a copy for somebody who had not joined; each such one is ignored once."""
        for one in self.open:
            if one.heard[subscriber] == OTHER and at_ns >= one.expected.since_ns:
                one.heard[subscriber] = HEARD
                one.others -= 1
                self.leave(one)
                return True
        return False

    def leave(self, one: Open) -> None:
        """An expectation is over, if nobody is left that it is to be heard by."""
        if not one.left and not one.others:
            self.open.remove(one)

    def is_new(self, sequence: float, subscriber: int, subscribers: int) -> bool:
        """Whether a subscriber sees this number of the key for the first time."""
        if self._seen is None:
            self._seen = {}
        seen = self._seen.get(sequence)
        if seen is None:
            seen = self._seen[sequence] = bytearray(subscribers)
            if len(self._seen) > _MOST_SEEN:
                del self._seen[next(iter(self._seen))]
        known = bool(seen[subscriber])
        seen[subscriber] = 1
        return not known

    # --- messages that nobody expects yet -----------------------------------------------------

    @property
    def unclaimed(self) -> int:
        """How many messages nobody expects yet."""
        return 0 if self._kept is None else len(self._kept.at_ns)

    @property
    def first_ns(self) -> int:
        """When the first of them came; there is one."""
        assert self._kept is not None
        return self._kept.at_ns[0]

    def keep(self, one: Unclaimed) -> None:
        """Nobody expects this one yet."""
        kept = self._kept
        if kept is None:
            kept = self._kept = _Kept()
        kept.subscribers.append(one.subscriber)
        kept.at_ns.append(one.at_ns)
        kept.overtaken.append(one.overtaken)
        if one.message is not None or kept.messages is not None:
            if kept.messages is None:
                kept.messages = [None] * (len(kept.at_ns) - 1)
            kept.messages.append(one.message)

    def claim(self, takes: Callable[[Unclaimed], bool]) -> list[Unclaimed]:
        """Give away the messages that somebody takes, in the order in which they came."""
        kept, self._kept = self._kept, None
        if kept is None:
            return []
        messages = kept.messages or [None] * len(kept.at_ns)
        every = zip(kept.subscribers, kept.at_ns, map(bool, kept.overtaken), messages, strict=True)
        taken = []
        for one in map(Unclaimed._make, every):
            if takes(one):
                taken.append(one)
            else:
                self.keep(one)
        return taken

    def give_up(self, until_ns: int | None = None) -> list[Unclaimed]:
        """Let go of those that came until then."""
        return self.claim(lambda one: until_ns is None or one.at_ns <= until_ns)
