"""The proxy of a plan: listens, connects those who come to a service, and breaks what is between.

While a fault has it down nobody listens: who connects is refused by the system itself, and those
who were connected are reset. The port stays ours meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import PartyError
from wedload.simulators.faults.down import closed_by, reset_by
from wedload.simulators.faults.lots import Lot
from wedload.simulators.proxy.counts import Counts
from wedload.simulators.proxy.pair import Pair
from wedload.simulators.proxy.place import (
    Place,
    anywhere,
    bound,
    cannot_listen,
    loopback_only,
    resolved,
)

if TYPE_CHECKING:
    import socket

    from wedload.alarm import Alarm
    from wedload.simulators.faults.port import Injections
    from wedload.simulators.proxy.place import Allowed

MOST_CONNECTIONS: Final = 10_000
_BACKLOG: Final = 1024
_AGAIN_S: Final = 0.1  # from a failure to listen until the next attempt


class ProxyServer:
    """One proxy. All of it is called on one loop."""

    def __init__(
        self,
        name: str,
        listen: str,
        injections: Injections,
        alarm: Alarm,
        *,
        seed: int = 0,
        expose: bool = False,
        allowed: Allowed = loopback_only,
        most_connections: int = MOST_CONNECTIONS,
    ) -> None:
        """`expose`: listen also where other machines reach it; `allowed`: where it may connect."""
        self.name = name
        self._listen = listen
        self._injections = injections
        self._alarm = alarm
        self._seed = seed
        self._listens: Allowed = anywhere if expose else loopback_only
        self._allowed = allowed
        self._most = most_connections
        self._place: Place | None = None  # where it listens
        self._upstream: Place | None = None  # as it was told
        self._upstream_at: Place | None = None  # and resolved
        self._holder: socket.socket | None = None  # keeps the port while nobody listens
        self._server: asyncio.Server | None = None
        self._switching: asyncio.Task[None] | None = None
        self._pairs: set[Pair] = set()
        self._number = 0
        self._counts = Counts()  # of connections that are gone
        self._open = False
        self._unsubscribe = injections.subscribe(self._changed)

    @property
    def address(self) -> str:
        """Where it listens: `host:port`."""
        assert self._place is not None
        return str(self._place)

    async def open(self) -> str:
        """Listen; gives `address`. Who comes before `connect_to` is reset.

        Raises:
            PartyError: it cannot.
        """
        asked = Place.parse(self._listen, self.name)
        place = await resolved(asked, self.name, self._listens, listens=True)
        first = bound(place, self.name)
        self._place = Place(place.host, first.getsockname()[1])
        if sys.platform == "linux":  # elsewhere two sockets cannot be bound to one port
            self._holder = bound(self._place, self.name)
        try:
            await self._start(first)
        except OSError as error:
            self.close()
            raise cannot_listen(self._place, self.name, error) from None
        self._open = True
        self._changed()
        return self.address

    async def connect_to(self, host: str, port: int) -> None:
        """Connect those who come from now on to this service.

        Raises:
            PartyError: the host is not known or not allowed.
        """
        self._upstream = Place(host, port)
        self._upstream_at = await resolved(self._upstream, self.name, self._allowed, listens=False)

    def report(self) -> dict[str, Any]:
        """What it has counted until now, as a JSON object."""
        counts = self._counts
        for pair in self._pairs:
            counts = counts.plus(pair.counts)
        upstream = str(self._upstream) if self._upstream is not None else None
        return {
            "name": self.name, "listen": self.address, "upstream": upstream,
            "open": len(self._pairs), **counts.as_json(),
        }  # fmt: skip

    def close(self) -> None:
        """Listen no more, and reset who is still connected."""
        self._open = False
        self._unsubscribe()
        if self._switching is not None:
            self._switching.cancel()
        self._stop()
        if self._holder is not None:
            self._holder.close()
        for pair in list(self._pairs):
            pair.reset()

    # --- connections ------------------------------------------------------------------------

    def _new(self) -> Pair:
        lot = Lot(self._seed, self.name, self._number)
        self._number += 1
        return Pair(lot, self._injections, self._alarm, self._accepted, self._gone)

    def _accepted(self, pair: Pair) -> None:
        crowded = len(self._pairs) >= self._most
        self._pairs.add(pair)
        if (fault := reset_by(self._injections.active, pair.lot)) is not None:
            pair.refuse(fault.name)
        elif crowded or not self._open:
            pair.refuse()
        elif self._upstream_at is None:
            pair.fail()
        else:
            pair.connect(self._upstream_at)

    def _gone(self, pair: Pair) -> None:
        if pair in self._pairs:
            self._pairs.discard(pair)
            self._counts = self._counts.plus(pair.counts)

    # --- faults -----------------------------------------------------------------------------

    def _changed(self) -> None:
        """Be down or up, as the faults in force have it."""
        if not self._open:
            return
        active = self._injections.active
        if closed_by(active) is not None:
            self._stop()
        elif self._server is None and self._switching is None:
            self._switching = asyncio.create_task(self._start_again())
        for pair in list(self._pairs):
            if (fault := reset_by(active, pair.lot)) is not None:
                pair.reset(fault.name)

    async def _start_again(self) -> None:
        """Listen as soon as that can be, unless the next fault is there before."""
        while closed_by(self._injections.active) is None and self._server is None:
            assert self._place is not None
            try:
                await self._start(bound(self._place, self.name))
            except (OSError, PartyError):
                await asyncio.sleep(_AGAIN_S)
        self._switching = None
        self._changed()

    async def _start(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: self._new().client, sock=listener, backlog=_BACKLOG
            )
        except (OSError, asyncio.CancelledError):
            listener.close()
            raise

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
