"""A simulated third party that serves: one dependency of a plan on a socket.

It knows no plan as a whole, no timeline and no other dependency. Attempts are told as they end.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from wedload.clock import MonotonicClock
from wedload.simulators.connection import Connection
from wedload.simulators.counts import Counts
from wedload.simulators.course import Courses
from wedload.simulators.email.postmark import Postmark
from wedload.simulators.email.resend import Resend
from wedload.simulators.email.sendgrid import SendGrid
from wedload.simulators.generic_http import GenericHttp
from wedload.simulators.google_calendar import GoogleCalendar
from wedload.simulators.hub import Hub
from wedload.simulators.limits import Limits
from wedload.simulators.log import AttemptLog
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from wedload.clock import Clock
    from wedload.plan.third_parties import Dependency
    from wedload.simulators.attempt import Told
    from wedload.simulators.faults.port import Injections
    from wedload.simulators.hub import MakeFlows
    from wedload.simulators.service import Service

_BACKLOG: Final = 1024
_FLUSH_S: Final = 0.5  # of the log


def service_of(dependency: Dependency, *, epoch_ns: int, env: Mapping[str, str]) -> Service:
    """The service that a dependency is; `epoch_ns`: Unix time of the clock's instant 0."""
    match dependency.simulate:
        case "google-calendar":
            return GoogleCalendar(epoch_ns=epoch_ns)
        case "http":
            return GenericHttp(dependency.routes, env)
        case "email":
            match dependency.provider:
                case "resend":
                    return Resend(epoch_ns=epoch_ns)
                case "sendgrid":
                    return SendGrid(epoch_ns=epoch_ns)
                case "postmark":
                    return Postmark(epoch_ns=epoch_ns)


class Simulator:
    """One dependency, as it is played."""

    def __init__(
        self,
        name: str,
        dependency: Dependency,
        *,
        told: Told,
        injections: Injections,
        make_flows: MakeFlows,
        seed: int = 0,
        env: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        limits: Limits | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`warn` is told, once, if the log cannot be written; `make_flows`: see `hub`."""
        self.name = name
        self.dependency = dependency
        self._told = told
        self._injections = injections
        self._make_flows = make_flows
        self._clock = clock or MonotonicClock()
        self._limits = limits or Limits()
        self._warn = warn
        self._epoch_ns = time.time_ns() - self._clock.now_ns()
        self._service = service_of(dependency, epoch_ns=self._epoch_ns, env=env or {})
        self._courses = Courses(
            name,
            dependency,
            self._service,
            seed=seed,
            env=env or {},
            injections=self._injections,
        )
        self._counts = Counts(name)
        self._hub: Hub | None = None
        self._log: AttemptLog | None = None
        self._server: asyncio.Server | None = None
        self._minding: asyncio.Task[None] | None = None

    async def open(self, listener: socket.socket) -> str:
        """Serve on a socket that is bound already; gives the URL.

        Raises:
            OSError: nobody can listen there, or (with a `filename`) the log cannot be opened.
        """
        loop = asyncio.get_running_loop()
        if self.dependency.log is not None:
            self._log = AttemptLog(self.dependency.log, epoch_ns=self._epoch_ns, warn=self._warn)
        hub = self._hub = Hub(
            name=self.name,
            courses=self._courses,
            counts=self._counts,
            log=self._log,
            told=self._told,
            injections=self._injections,
            make_flows=self._make_flows,
            limits=self._limits,
            clock=self._clock,
            loop=loop,
        )
        try:
            self._server = await loop.create_server(
                lambda: Connection(hub), sock=listener, backlog=_BACKLOG
            )
        except OSError:
            self._release_log()
            raise
        self._minding = loop.create_task(self._mind())
        host, port = listener.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def close(self) -> None:
        """End all connections, what is under way included, and write the log to its end."""
        if self._server is not None:
            self._server.close()
        if self._hub is not None:
            for connection in list(self._hub.connections):
                connection.abort()
            self._hub.unsubscribe()
        if self._minding is not None:
            self._minding.cancel()
            with suppress(asyncio.CancelledError):
                await self._minding
        if self._server is not None:
            await self._server.wait_closed()
        self._release_log()

    def oldest_ns(self) -> int | None:
        """When the oldest request came whose attempt is not over; None: there is none."""
        return None if self._hub is None else self._hub.oldest_ns()

    def flush(self) -> None:
        """Write what the log keeps."""
        if self._log is not None:
            self._log.flush()

    def report(self) -> dict[str, Any]:
        """What was seen, and what had to be forgotten; for JSON."""
        kept = dict(self._service.counts())
        if users := self._courses.quotas.users_forgotten:
            kept["users_forgotten"] = users
        log_lost = 0 if self._log is None else self._log.lost
        return {**self._counts.shown(), "kept": kept, "log_lost": log_lost}

    # --- inside -----------------------------------------------------------------------------

    async def _mind(self) -> None:
        """End what is overdue, and flush the log."""
        assert self._hub is not None
        every_s = min(_FLUSH_S, self._limits.sweep_ns / NS_PER_S)
        while True:
            await asyncio.sleep(every_s)
            self._hub.sweep()
            self.flush()

    def _release_log(self) -> None:
        if self._log is not None:
            self._log.close()
