"""The server's life: bind, open the database, announce, serve, and undo it all in reverse order.

Knows the order of things, and nothing that a request does.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack, suppress
from random import Random
from threading import Thread
from typing import TYPE_CHECKING

import orjson
import uvloop
from aiohttp import web

from .app import ROUTES, build_app
from .auth import Sessions
from .bookings.rows import unfinished
from .bookings.saga import recover as recover_bookings
from .bottlenecks.burn import Burner
from .call import Platform
from .errors import StartError
from .events import Events
from .faults.database import FaultyDatabase
from .faults.endpoints import Control
from .faults.outage import Outage
from .faults.timeline import Faults
from .journeys import Journeys
from .opening import ready_database, start_tracing
from .options import Options, signin_keys
from .process_age import process_age_s
from .realtime.service import Realtime
from .runs import Runs
from .slow import delays
from .tally import Tally
from .third_parties.outbox import Outbox
from .third_parties.parties import CLOCK, ThirdParties
from .weakness import Weaknesses
from .webhook_outbox import Sending
from .webhook_schedule import Schedule
from .webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from .slow import Delays

# How long requests under way may take to end once the server is asked to stop.
SHUTDOWN_S = 2.0
# A database thread that has its rows must get the interpreter's lock back to go on. At Python's
# default of 5 ms it would wait that long, for every statement, whenever the event loop is busy.
SWITCH_INTERVAL_S = 0.001
BACKLOG = 4096


def serve(options: Options) -> None:
    """Serve until told to stop.

    Raises:
        OptionError: an endpoint that is to be slow does not exist.
        StartError: it cannot start.
    """
    slow, burns = delays(options.slow, ROUTES), delays(options.bottlenecks.burns, ROUTES)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    uvloop.run(_until_stopped(options, slow, burns))


async def _until_stopped(options: Options, slow: Delays, burns: Delays) -> None:
    stopping = asyncio.Event()
    _stop_on_signals(stopping.set, options.managed)
    if options.managed:
        _stop_when_stdin_ends(stopping.set)
    running = asyncio.create_task(_run(options, slow, burns))
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait((running, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    # Wherever it is, also in the middle of starting, it undoes what it did so far.
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _run(options: Options, slow: Delays, burns: Delays) -> None:
    """Start everything and serve until cancelled."""
    async with AsyncExitStack() as stack:
        # Bound first, as a port in use should be told before the database is filled; listening
        # last, as nobody can be answered before.
        listener = _bind(options.host, options.port)
        stack.callback(listener.close)
        tracing = start_tracing(stack, options.otlp_endpoint)
        database = await ready_database(stack, options, tracing)
        chance = Random(options.seed)  # noqa: S311 - faults are to repeat
        faults = Faults(CLOCK, chance)
        database = FaultyDatabase(database, faults)
        parties = ThirdParties(options.third_parties, options.seed)
        stack.push_async_callback(parties.close)
        keys, exports = signin_keys()
        sessions = Sessions(keys, options.token_ttl_s, options.rate_limit)
        events, runs = Events(), Runs()
        weaknesses = {
            "webhook": Weaknesses(options.webhook_weakness),
            "realtime": Weaknesses(options.realtime_weakness),
        }
        outbox = Outbox(database, parties)
        await outbox.recover()
        # Before whoever looks for submissions that were never told of: some are cancelled by it.
        compensates = options.third_parties.protections.compensation
        await recover_bookings(
            database, outbox, await database.read(unfinished), compensates=compensates
        )
        webhooks = Webhooks(database, _sending(options, faults), weaknesses["webhook"])
        await webhooks.recover(runs)
        stack.push_async_callback(webhooks.close)
        webhooks.start()
        events.subscribe(webhooks.hear)
        journeys = Journeys(database, events)
        await journeys.recover(runs)
        for worker in (journeys.run(), outbox.run()):
            stack.callback(asyncio.create_task(worker).cancel)
        realtime = Realtime(
            *(sessions, events, weaknesses["realtime"]),
            *(options.realtime_quotas, options.realtime_silence_s, faults),
        )
        platform = Platform(
            database=database,
            sessions=sessions,
            journeys=journeys,
            events=events,
            webhooks=webhooks,
            weaknesses=weaknesses,
            realtime=realtime,
            third_parties=parties,
            outbox=outbox,
            faults=Control(options.token, faults, Outage(faults, realtime.drop)),
            runs=runs,
            tally=Tally(),
            tracing=tracing,
        )
        burner = Burner()
        stack.callback(burner.close)
        app = build_app(platform, slow, burns, burner)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.SockSite(runner, listener, backlog=BACKLOG).start()
        except OSError as error:
            raise _cannot_listen(options.host, options.port, error) from None
        # What start-up made lives as long as the process: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        _announce(listener, [] if options.managed else exports)
        await asyncio.Event().wait()


def _sending(options: Options, faults: Faults) -> Sending:
    schedule = Schedule(options.webhook_retries_s, options.seed)
    return Sending(schedule, options.webhook_concurrency, options.webhook_timeout_s, faults)


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> StartError:
    return StartError(
        f"cannot listen on {host}, port {port}: {error.strerror or error}; "
        "give a free port (--port 0 takes any) and an address of this machine"
    )


def _announce(listener: socket.socket, exports: list[str]) -> None:
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    for line in exports:
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - for the user to paste
    ready = {
        "event": "ready",
        "url": url,
        "pid": os.getpid(),
        "started_in_s": round(process_age_s(), 3),
    }
    # Nobody may be reading any more; that the parent is gone is told by stdin, not by this.
    with suppress(BrokenPipeError):
        print(orjson.dumps(ready).decode(), flush=True)  # noqa: T201 - the ready line


def _stop_on_signals(stop: Callable[[], None], managed: bool) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    if not managed:
        loop.add_signal_handler(signal.SIGINT, stop)
    # A closed terminal; under nohup it is ignored already, and stays so.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, stop)


def _stop_when_stdin_ends(stop: Callable[[], None]) -> None:
    """However the parent ends, also by kill -9, the kernel then closes its end of the pipe."""
    loop = asyncio.get_running_loop()

    def watch() -> None:
        # A thread, as the event loop cannot watch every kind of stdin (a file, /dev/null).
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        with suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(stop)

    Thread(target=watch, name="stdin", daemon=True).start()
