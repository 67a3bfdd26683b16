"""Heartbeats of many subscribers by one task: whose is due next, and when. Pure."""

from __future__ import annotations

from heapq import heappop, heappush


class Beats:
    """Who has joined, each with the instant of its next heartbeat. O(log subscribers)."""

    def __init__(self, every_ns: int) -> None:
        self._every_ns = every_ns
        self._due: list[tuple[int, int, int]] = []  # instant, subscriber, its which stay
        self._stay: dict[int, int] = {}  # of those that are there
        self._stays = 0

    def joined(self, subscriber: int, at_ns: int) -> None:
        """Somebody is there from now on."""
        self._stays += 1
        self._stay[subscriber] = self._stays
        heappush(self._due, (at_ns + self._every_ns, subscriber, self._stays))

    def left(self, subscriber: int) -> None:
        """Somebody is not."""
        self._stay.pop(subscriber, None)

    @property
    def next_ns(self) -> int | None:
        """When the next heartbeat is due, perhaps of somebody who has left; None: there is none."""
        return self._due[0][0] if self._due else None

    def due(self, now_ns: int) -> list[int]:
        """Whose heartbeats are due; the next of each follows after the same time."""
        found = []
        while self._due and self._due[0][0] <= now_ns:
            due_ns, subscriber, stay = heappop(self._due)
            if self._stay.get(subscriber) == stay:
                found.append(subscriber)
                # one that is late does not make the next one come sooner
                next_ns = max(due_ns, now_ns) + self._every_ns
                heappush(self._due, (next_ns, subscriber, stay))
        return found
