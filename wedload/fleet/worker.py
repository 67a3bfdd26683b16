"""A load process: `python -m wedload.fleet.worker FD`, where FD is its end of a socket pair.

It does what the coordinator says, and ends at once when the coordinator is gone. It imports
neither pydantic nor typer nor rich, and aiohttp only for a plan that asks for it, to start fast and
stay small.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Final

import uvloop

from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.engine.health import raise_descriptor_limit
from wedload.fleet import framing
from wedload.fleet.messages import (
    Abort,
    Cleanup,
    CleanupDone,
    CleanupLeft,
    Failed,
    Load,
    LoadDone,
    Message,
    Pause,
    Prepare,
    Prepared,
    Quit,
    Recorded,
    Resume,
    Scale,
    Setup,
    SetupDone,
    Teardown,
    TeardownDone,
)
from wedload.plan.proxy import proxy_of
from wedload.protocols.http.pool import WirePool
from wedload.protocols.http.tls import client_context

if TYPE_CHECKING:
    import ssl

    from wedload.plan.model import Plan, Tls
    from wedload.protocols.aiohttp.client import AiohttpPool
    from wedload.workload.compile import Settings

#: a request leaves no reference cycle behind, so there is little to collect; the usual thresholds
#: (700, 10, 10) stop the load for 0.1 s again and again while thousands of users are made
_GC_THRESHOLDS: Final = (50_000, 20, 100)


class _Worker:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._pool: WirePool | AiohttpPool | None = None
        self._engine: Engine | None = None
        self._job: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Follow the coordinator's messages until it says to quit, or is gone."""
        try:
            while not isinstance(message := await framing.read(self._reader), Quit):
                if not self._steer(message):
                    self._job = asyncio.create_task(self._answer(message))
        except (asyncio.IncompleteReadError, ConnectionError):
            os._exit(0)  # nobody is there any more to tell anything: stop the load this instant
        if self._pool is not None:
            await self._pool.close()

    def _steer(self, message: Message) -> bool:
        """Follow what is said beside a job under way; whether it was such a message."""
        match message:
            case Abort():
                self._require_engine().abort()
            case Scale():
                self._require_engine().scale(message.scenario, message.vus)
            case Pause():
                self._require_engine().pause(message.scenario)
            case Resume():
                self._require_engine().resume(message.scenario)
            case _:
                return False
        return True

    def _say(self, message: Message) -> None:
        framing.write(self._writer, message)

    def _require_engine(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the coordinator has not sent Prepare")
        return self._engine

    async def _answer(self, message: Message) -> None:
        try:
            self._say(await self._do(message))
            await self._writer.drain()
        except OSError as error:
            self._say(
                Failed(f"{error.filename or 'load process'}: {error.strerror or error}", None)
            )
        except Exception as error:  # noqa: BLE001 - told to the coordinator, which ends the run
            self._say(Failed(f"{type(error).__name__}: {error}", traceback.format_exc()))

    async def _do(self, message: Message) -> Message:
        match message:
            case Prepare():
                self._prepare(message)
                return Prepared()
            case Setup():
                return SetupDone(*await self._require_engine().setup())
            case Load():
                return LoadDone(*await self._require_engine().load(message.variables))
            case Teardown():
                return TeardownDone(await self._require_engine().teardown())
            case Cleanup():
                count = await self._require_engine().cleanup(
                    lambda left: self._say(CleanupLeft(left))
                )
                return CleanupDone(count)
            case _:
                raise RuntimeError(f"a load process is not told {type(message).__name__}")

    def _prepare(self, message: Prepare) -> None:
        clock = MonotonicClock()
        self._pool = _pool(message.plan, message.settings, clock)
        self._engine = Engine(
            message.plan,
            message.settings,
            segment=message.segment,
            clock=clock,
            new_client=self._pool.client,
            emit=lambda snapshot: self._say(Recorded(snapshot)),
        )
        raise_descriptor_limit()
        # what is compiled stays for good: the collector need not look at it again
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)


def _pool(plan: Plan, settings: Settings, clock: MonotonicClock) -> WirePool | AiohttpPool:
    """The HTTP client that the plan asks for."""
    target = plan.targets[settings.target]
    tls = _tls_context(target.tls)
    hosts = {host.name: (host.address, host.port) for host in target.hosts}
    if plan.http.client == "wire":
        return WirePool(clock, tls, hosts=hosts, dns_ttl_ns=plan.http.dns_ttl, http=target.http)
    # only here, so that other load processes start fast and stay small
    from wedload.protocols.aiohttp.client import AiohttpPool  # noqa: PLC0415

    proxy = proxy_of(plan, settings.target, settings.env)
    return AiohttpPool(clock, tls, hosts=hosts, dns_ttl_ns=plan.http.dns_ttl, proxy=proxy)


def _tls_context(tls: Tls) -> ssl.SSLContext | None:
    if tls.verify and tls.ca is None and tls.cert is None:
        return None  # the default, made when first needed
    try:
        return client_context(verify=tls.verify, ca=tls.ca, cert=tls.cert, key=tls.key)
    except OSError as error:
        files = [file for file in (tls.ca, tls.cert, tls.key) if file is not None]
        # which file it was, ssl does not say
        named = [file for file in files if not os.access(file, os.R_OK)] or files
        raise OSError(error.errno, error.strerror or str(error), ", ".join(named)) from None


async def _main(descriptor: int) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    await _Worker(reader, writer).serve()
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
