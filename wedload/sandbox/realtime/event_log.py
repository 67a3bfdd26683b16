"""The event stream: what is told to those who listen, and the last events for those who come back.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, sections 9.2.4 and 9.2.6.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from .fanout import Subscriber
from .frames import KEEP_ALIVE, chunk, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .counts import Counts
    from .fanout import Fanout
    from .outlet import Outlet

MOST_KEPT: Final = 1000
KEEP_ALIVE_EVERY_S: Final = 15
_TICK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One event, as bytes that are ready for a stream."""

    number: int
    kind: str
    content: bytes


class Stream(Subscriber):
    """Somebody who listens to events of some kinds; None is all. `ended` is set when it has."""

    __slots__ = ("ended", "kinds")

    def __init__(self, outlet: Outlet, kinds: frozenset[str] | None) -> None:
        super().__init__(outlet)
        self.kinds = kinds
        self.ended = asyncio.Event()

    def wants(self, kind: str) -> bool:
        """Whether events of this kind are for it."""
        return self.kinds is None or kind in self.kinds


class EventLog:
    """The streams, and a bounded number of events. Numbers go up by one from 1."""

    def __init__(self, fanout: Fanout, counts: Counts, most_kept: int = MOST_KEPT) -> None:
        self._fanout = fanout
        self._counts = counts
        self._kept: deque[Kept] = deque(maxlen=most_kept)
        self._number = 0
        self._streams: dict[Stream, None] = {}
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None

    def publish(self, kind: str, data: Any) -> int:
        """Tell everybody who wants this kind; the event's number."""
        self._number += 1
        self._counts.published.events += 1
        content = chunk(event(self._number, kind, orjson.dumps(data)))
        self._kept.append(Kept(self._number, kind, content))
        for stream in tuple(self._streams):
            if stream.wants(kind):
                self._fanout.copy(stream, content)
        return self._number

    def add(self, stream: Stream, after: int | None) -> None:
        """Let the stream hear events, and first those kept that came after number `after`."""
        if after is not None:
            for kept in self._since(after):
                if stream.wants(kept.kind):
                    self._fanout.copy(stream, kept.content)
        self._streams[stream] = None
        if self._timer is None:
            self._tick()

    def remove(self, stream: Stream) -> None:
        """Let the stream hear no more."""
        self._fanout.forget(stream)
        self._streams.pop(stream, None)

    def close(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.ended.set()

    def drop(self, strikes: Callable[[], bool]) -> None:
        """End every stream for which chance says so."""
        for stream in self._streams:
            if strikes():
                stream.ended.set()

    def _since(self, after: int) -> Iterator[Kept]:
        # A number that is still to come is an earlier server's: all that there is, is news.
        after = after if after <= self._number else 0
        return (kept for kept in self._kept if kept.number > after)

    def _tick(self) -> None:
        """See which streams have ended, as nobody tells; now and then write to those that have not.

        While there are streams, once a second.
        """
        self._timer = None
        self._ticks += 1
        for stream in self._streams:
            if stream.outlet.is_closing:
                stream.ended.set()
            elif self._ticks % KEEP_ALIVE_EVERY_S == 0:
                stream.outlet.send(chunk(KEEP_ALIVE))
        if self._streams:
            self._timer = asyncio.get_running_loop().call_later(_TICK_S, self._tick)
