"""What all connections of a receiver share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.webhook.connection import Connection
    from wedload.channels.webhook.deliveries import Deliveries
    from wedload.channels.webhook.limits import Limits


@dataclass(slots=True, kw_only=True)
class Service:
    """A channel's path, its limits, and who judges what comes."""

    path: bytes
    max_body: int  # bytes
    limits: Limits
    deliveries: Deliveries
    now_ns: Callable[[], int]
    loop: asyncio.AbstractEventLoop
    connections: set[Connection] = field(default_factory=set)
    empty: asyncio.Event = field(default_factory=asyncio.Event)  # set when the last one is gone

    def lost(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)
        if not self.connections:
            self.empty.set()

    def is_path(self, url: bytes) -> bool:
        """Whether a request's target is the channel's path; a query does not matter."""
        if url == self.path:
            return True
        if b"://" in url:  # in absolute form, as to a proxy
            url = b"/" + url.partition(b"://")[2].partition(b"/")[2]
        return url.partition(b"?")[0] == self.path

    def sweep(self) -> None:
        """End what is overdue."""
        now_ns = self.now_ns()
        for connection in [one for one in self.connections if 0 < one.overdue_ns <= now_ns]:
            connection.time_out()
