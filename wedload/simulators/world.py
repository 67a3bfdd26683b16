"""All third parties, proxies and faults of a plan: opened, begun, and closed together.

It knows no run, and nobody who measures: attempts are told to whoever asks for them.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wedload.alarm import Alarm
from wedload.errors import PartyError
from wedload.plan.fault_proxies import DEPENDENCY, SANDBOX, host_and_port
from wedload.simulators.faults.flow import FaultFlow
from wedload.simulators.faults.lots import Lot
from wedload.simulators.proxy.place import loopback_only
from wedload.simulators.proxy.server import ProxyServer
from wedload.simulators.simulator import Simulator
from wedload.simulators.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wedload.clock import Clock
    from wedload.plan.fault_proxies import FaultProxy
    from wedload.plan.faults import Fault
    from wedload.plan.third_parties import Dependency
    from wedload.simulators.attempt import Told
    from wedload.simulators.faults.port import Flow, FlowSink
    from wedload.simulators.hub import MakeFlows
    from wedload.simulators.proxy.place import Allowed

Place = dict[str, str]  # `url` and `address`, which is host:port
_LISTEN: Final = 'name another port, or "127.0.0.1:0" for any that is free'


@dataclass(frozen=True, slots=True)
class Places:
    """Where whoever wants them finds them: a dependency behind a proxy, where that is."""

    dependencies: dict[str, Place]
    proxies: dict[str, Place]


@dataclass(frozen=True, slots=True)
class Reports:
    """What each has to say, by name; for JSON."""

    dependencies: dict[str, dict[str, Any]]
    proxies: dict[str, dict[str, Any]]


class World:
    """Those of one plan. Used inside a running event loop."""

    def __init__(
        self,
        dependencies: Mapping[str, Dependency],
        proxies: Mapping[str, FaultProxy],
        faults: Sequence[Fault],
        *,
        seed: int,
        time_scale: float,
        told: Told,
        clock: Clock,
        env: Mapping[str, str],
        warn: Callable[[str], None] = lambda _: None,
        allowed: Allowed = loopback_only,
    ) -> None:
        """`told` is told of each attempt as it ends, `warn` what people should know meanwhile.

        `allowed`: which addresses proxies may connect to.
        """
        self._allowed = allowed
        self._proxies = proxies
        self._seed = seed
        self._clock = clock
        self._timeline = Timeline(faults, time_scale, clock)
        self._simulators = {
            name: Simulator(
                name,
                dependency,
                told=told,
                seed=seed,
                env=env,
                injections=self._timeline.injections(name),
                make_flows=self._flows_of(name),
                clock=clock,
                warn=_about(name, warn),
            )
            for name, dependency in dependencies.items()
        }
        self._alarm: Alarm | None = None
        self._servers: dict[str, ProxyServer] = {}
        self._own: dict[str, Place] = {}  # dependency -> where it itself is
        self._places = Places({}, {})

    async def open(self) -> Places:
        """Play them, and let proxies listen; those before the sandbox lead nowhere until `connect`.

        Raises:
            PartyError: one of them cannot be played, or not where it is to be.
        """
        self._alarm = Alarm(asyncio.get_running_loop())
        for name, simulator in self._simulators.items():
            url = await self._play(name, simulator)
            self._own[name] = {"url": url, "address": url.partition("://")[2]}
        found = Places(dict(self._own), {})
        for name, proxy in self._proxies.items():
            found.proxies[name] = await self._put(name, proxy)
            if proxy.upstream.startswith(DEPENDENCY):  # who is told of several, of the last
                found.dependencies[proxy.upstream.removeprefix(DEPENDENCY)] = found.proxies[name]
        self._places = found
        return found

    async def connect(self, sandbox: tuple[str, int]) -> None:
        """The sandbox is there: proxies before it lead to it from now on.

        Raises:
            PartyError: nobody may be led there.
        """
        for name, proxy in self._proxies.items():
            if proxy.upstream == SANDBOX:
                await self._servers[name].connect_to(*sandbox)

    def begin(self, began_ns: int | None = None) -> None:
        """The load begins, at an instant of the clock or now: faults count from here."""
        self._timeline.begin(self._clock.now_ns() if began_ns is None else began_ns)

    def end_faults(self) -> None:
        """No fault is in force from now on."""
        self._timeline.end()

    def oldest_ns(self) -> int | None:
        """When the oldest attempt that is under way came; None: none is."""
        found = [one.oldest_ns() for one in self._simulators.values()]
        return min((at_ns for at_ns in found if at_ns is not None), default=None)

    def reports(self) -> Reports:
        """What each has seen so far."""
        return Reports(
            {
                name: {
                    "url": self._own[name]["url"],
                    "told": self._places.dependencies[name]["url"],
                    **simulator.report(),
                }
                for name, simulator in self._simulators.items()
            },
            {
                name: {"listen": self._places.proxies[name]["address"], **server.report()}
                for name, server in self._servers.items()
            },
        )

    async def close(self) -> None:
        """End everything, what is under way included."""
        self._timeline.end()
        for server in self._servers.values():
            server.close()
        for simulator in self._simulators.values():
            await simulator.close()
        if self._alarm is not None:
            self._alarm.close()

    # --- inside -----------------------------------------------------------------------------

    def _flows_of(self, name: str) -> MakeFlows:
        """What makes the flows of each connection of a dependency."""
        number = 0

        def flows(up: FlowSink, down: FlowSink) -> tuple[Flow, Flow]:
            nonlocal number
            assert self._alarm is not None
            number += 1
            lot, injections = Lot(self._seed, name, number), self._timeline.injections(name)
            return (
                FaultFlow(injections, up, lot, "up", self._alarm),
                FaultFlow(injections, down, lot, "down", self._alarm),
            )

        return flows

    async def _play(self, name: str, simulator: Simulator) -> str:
        where = f"dependency {name}:"
        listener = _bound(where, simulator.dependency.listen)
        try:
            return await simulator.open(listener)
        except OSError as error:
            listener.close()
            if error.filename is not None:
                raise PartyError(
                    f"{where} log: {error.filename} cannot be written: {error.strerror or error}",
                    "name a file in a folder that is there",
                ) from None
            raise _cannot_listen(where, simulator.dependency.listen, error) from None

    async def _put(self, name: str, proxy: FaultProxy) -> Place:
        """Open a proxy; where it is."""
        assert self._alarm is not None
        server = ProxyServer(
            name, proxy.listen, self._timeline.injections(name), self._alarm, seed=self._seed,
            expose=proxy.expose, allowed=self._allowed,
        )  # fmt: skip
        address = await server.open()
        self._servers[name] = server
        upstream = proxy.upstream
        if upstream.startswith(DEPENDENCY):
            upstream = self._own[upstream.removeprefix(DEPENDENCY)]["address"]
        if (there := host_and_port(upstream)) is not None:
            await server.connect_to(*there)
        return {"url": f"http://{address}", "address": address}


def _about(name: str, warn: Callable[[str], None]) -> Callable[[str], None]:
    return lambda text: warn(f"dependency {name}: {text}")


def _bound(where: str, listen: str) -> socket.socket:
    """A socket that is bound there."""
    address = host_and_port(listen)
    assert address is not None  # as the plan was checked
    try:
        family, kind, protocol, _, found = socket.getaddrinfo(
            *address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(where, listen, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(found)
    except OSError as error:
        listener.close()
        raise _cannot_listen(where, listen, error) from None
    return listener


def _cannot_listen(where: str, listen: str, error: OSError) -> PartyError:
    return PartyError(f"{where} cannot listen on {listen}: {error.strerror or error}", _LISTEN)
