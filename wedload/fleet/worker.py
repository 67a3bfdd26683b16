"""A load process: `python -m wedload.fleet.worker FD`, where FD is its end of a socket pair.

It does what the coordinator says, and ends at once when the coordinator is gone. It imports
neither pydantic nor typer nor rich, and aiohttp only for a plan that asks for it, to start fast and
stay small.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import traceback
from typing import TYPE_CHECKING

import uvloop

from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.engine.health import raise_descriptor_limit
from wedload.engine.kept import journal_of
from wedload.errors import WedloadError
from wedload.fleet import framing
from wedload.fleet.collecting import collect_seldom
from wedload.fleet.messages import (
    Abort,
    Cannot,
    Cleanup,
    CleanupDone,
    CleanupLeft,
    CutProbe,
    EndProbes,
    Failed,
    GetReady,
    Load,
    LoadDone,
    Message,
    Pause,
    Prepare,
    Prepared,
    Probe,
    Quit,
    Ready,
    Recorded,
    Recover,
    Resume,
    Scale,
    Setup,
    SetupDone,
    Sweep,
    SweepDone,
    Teardown,
    TeardownDone,
)
from wedload.fleet.telling import learn, without_secrets
from wedload.protocols.http_clients import http_clients
from wedload.safety.journal.reader import read_account
from wedload.safety.journal.sources import secrets_of
from wedload.safety.redactor import KNOWN
from wedload.safety.streams import redacted_streams

if TYPE_CHECKING:
    from wedload.metrics.cleanup_count import CleanupCount


class _Worker:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._engine: Engine | None = None
        self._job: asyncio.Task[None] | None = None
        self._prepared: Prepare | None = None

    async def serve(self) -> None:
        """Follow the coordinator's messages until it says to quit, or is gone."""
        try:
            while not isinstance(message := await framing.read(self._reader), Quit):
                if not self._steer(message):
                    self._job = asyncio.create_task(self._answer(message))
        except (asyncio.IncompleteReadError, ConnectionError):
            os._exit(0)  # nobody is there any more to tell anything: stop the load this instant
        if self._engine is not None:
            await self._engine.close()

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
            case Probe():
                self._require_engine().probe(
                    message.number, message.rates, message.warm_ns, message.judged_ns
                )
            case CutProbe():
                self._require_engine().cut_probe()
            case EndProbes():
                self._require_engine().end_probes()
            case _:
                return False
        return True

    def _say(self, message: Message) -> None:
        framing.write(self._writer, without_secrets(message))

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
        except WedloadError as error:
            self._say(Cannot(error.message, error.hint))
        except Exception as error:  # noqa: BLE001 - told to the coordinator, which ends the run
            self._say(Failed(f"{type(error).__name__}: {error}", traceback.format_exc()))

    async def _do(self, message: Message) -> Message:
        match message:
            case Prepare():
                await self._prepare(message)
                return Prepared()
            case Setup():
                return SetupDone(*await self._require_engine().setup())
            case GetReady():
                KNOWN.learn_captured(message.variables)
                await self._require_engine().get_ready(message.variables)
                return Ready()
            case Load():
                engine = self._require_engine()
                return LoadDone(*await engine.load(message.variables), engine.slowest)
            case Teardown():
                return TeardownDone(await self._require_engine().teardown(message.variables))
            case Cleanup():
                engine = self._require_engine()
                return CleanupDone(await engine.cleanup(lambda now: self._say(CleanupLeft(now))))
            case Recover():
                return CleanupDone(await self._recover(message.indices))
            case Sweep():
                return SweepDone(*await self._require_engine().sweep(message.variables))
            case _:
                raise RuntimeError(f"a load process is not told {type(message).__name__}")

    async def _recover(self, indices: frozenset[int] | None) -> CleanupCount:
        """Delete what load processes of these indices, or all, have created; they are gone."""
        assert self._prepared is not None  # nobody asks for it otherwise
        plan, settings = self._prepared.plan, self._prepared.settings
        account = read_account(settings.journal, secrets_of(plan, settings), indices)
        return await self._require_engine().recover(
            account, lambda now: self._say(CleanupLeft(now))
        )

    async def _prepare(self, message: Prepare) -> None:
        learn(message.plan, message.settings)
        clock = MonotonicClock()
        self._prepared = message
        self._engine = Engine(
            message.plan,
            message.settings,
            segment=message.segment,
            clock=clock,
            http=http_clients(message.plan, message.settings, clock),
            emit=lambda snapshot: self._say(Recorded(snapshot, self._require_engine().created)),
            journal=journal_of(message.plan, message.settings, message.segment),
            remember=KNOWN.learn_captured,
        )
        await self._engine.open()
        raise_descriptor_limit()
        collect_seldom()


async def _main(descriptor: int) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    with redacted_streams():
        await _Worker(reader, writer).serve()
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
