"""A connection through a proxy: a client, the service, and a flow in each direction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.simulators.faults.flow import FaultFlow
from wedload.simulators.proxy.counts import Counts
from wedload.simulators.proxy.side import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.alarm import Alarm
    from wedload.simulators.faults.lots import Lot
    from wedload.simulators.faults.port import Injections
    from wedload.simulators.proxy.place import Place

_CONNECTING_S: Final = 10.0


class Pair:
    """Begins when a client is accepted; `gone` is called when both sides are closed."""

    def __init__(
        self,
        lot: Lot,
        injections: Injections,
        alarm: Alarm,
        accepted: Callable[[Pair], None],
        gone: Callable[[Pair], None],
    ) -> None:
        self.lot = lot
        self._injections = injections
        self._alarm = alarm
        self._accepted = accepted
        self._gone = gone
        self.client, self.upstream = Side(self), Side(self)
        self.client.other, self.upstream.other = self.upstream, self.client
        self._connecting: asyncio.Task[None] | None = None
        self._suffered: dict[str, None] = {}  # besides what its flows have
        self._over = False
        self._reset = self._refused = self._failed = False

    @property
    def counts(self) -> Counts:
        """What is to be counted of it."""
        found = Counts(
            connections=1, refused=int(self._refused), resets=int(self._reset),
            upstream_failures=int(self._failed), bytes_up=self.upstream.passed,
            bytes_down=self.client.passed,
        )  # fmt: skip
        names = dict(self._suffered)
        for side in (self.client, self.upstream):
            if side.flow is not None:
                names |= dict.fromkeys(side.flow.suffered)
        found.by_fault.update(names.keys())
        return found

    def connect(self, place: Place) -> None:
        """Connect the client to the service."""
        self._connecting = asyncio.create_task(self._connect(place))

    def refuse(self, fault: str | None = None) -> None:
        """The client is not to be served, for a fault or as there are too many."""
        self._refused = True
        self._abort(fault)

    def fail(self) -> None:
        """There is no service that it could be connected to."""
        self._failed = True
        self._abort(None)

    def reset(self, fault: str | None = None) -> None:
        """Reset both sides, for a fault or as one of them was; also while they are being closed."""
        self._reset = self._reset or not self._over
        self._abort(None if self._over else fault)

    # --- what its sides tell ----------------------------------------------------------------

    def made(self, side: Side) -> None:
        """A side is connected."""
        if side is self.client:
            side.hold()
            self._accepted(self)
        elif self._over:
            side.abort()
        else:
            self._open_flows()

    def ended(self, side: Side) -> None:
        """All that goes to this side has been written to it."""
        source = side.other
        assert source.flow is not None
        if source.flow.cut:
            self._finish()
            side.linger()
            source.close()
            return
        side.write_end()
        if source.ended:  # both halves are
            self._finish()
            side.close()
            source.close()

    def lost(self) -> None:
        """A side is closed: we have done it, or it was reset."""
        if not self._over:
            self.reset()
        if self.client.transport is None and self.upstream.transport is None:
            self._gone(self)

    # --- inside -----------------------------------------------------------------------------

    async def _connect(self, place: Place) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECTING_S):
                await loop.create_connection(lambda: self.upstream, place.host, place.port)
        except OSError:  # a TimeoutError is one
            self.upstream.transport = None  # loops tell nothing of one that timed out meanwhile
            if not self._over:
                self.fail()

    def _open_flows(self) -> None:
        client, upstream = self.client, self.upstream
        up = FaultFlow(self._injections, upstream, self.lot, "up", self._alarm, client.pace)
        down = FaultFlow(self._injections, client, self.lot, "down", self._alarm, upstream.pace)
        upstream.leads_to(down)
        client.leads_to(up)
        client.pace()

    def _abort(self, fault: str | None) -> None:
        if fault is not None:
            self._suffered[fault] = None
        self._finish()
        self.client.abort()
        self.upstream.abort()

    def _finish(self) -> None:
        """Nothing is passed on any more.

        Connecting goes on to its end: of a connection that is made when that is cancelled, loops do
        not tell that it is lost.
        """
        self._over = True
        for side in (self.client, self.upstream):
            if side.flow is not None:
                side.flow.close()
