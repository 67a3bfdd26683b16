"""The process that receives spans: `python -m wedload.fleet.spans_worker FD`.

Apart from the load and from its target: reading spans costs time that both would miss.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING, Final

import uvloop

from wedload.errors import EarError
from wedload.fleet.messages import Settle
from wedload.fleet.side_process import SideProcess, serve
from wedload.fleet.span_messages import OpenSpans, SettleSpans, SpansOpened, SpansSettled
from wedload.fleet.span_receiver import SpanReceiver
from wedload.safety.addresses import is_here
from wedload.traces.held import HeldTraces
from wedload.units import NS_PER_S
from wedload.workload.trace_ids import run_tag

if TYPE_CHECKING:
    from wedload.fleet.messages import Message

_SWEEP_S: Final = 1.0
_LOOK_S: Final = 0.1
#: exporters that nobody has told otherwise send every five seconds: longer silence means no more
_SILENCE_NS: Final = 6 * NS_PER_S
#: with a span of each traced request there, only others of the same traces may still come
_REST_NS: Final = NS_PER_S


class _Spans(SideProcess):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self._held: HeldTraces | None = None
        self._receiver: SpanReceiver | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._until_ns = 0  # when late spans are waited for no longer

    async def _do(self, message: Message) -> Message | None:
        match message:
            case OpenSpans():
                return await self._open(message)
            case SettleSpans():
                return await self._settle(message)
            case Settle():
                self._wait_at_most(message.patience_s or 0.0)
                return None
            case _:
                raise RuntimeError(f"a receiver of spans is not told {type(message).__name__}")

    async def _close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
        if self._receiver is not None:
            await self._receiver.close()

    async def _open(self, message: OpenSpans) -> SpansOpened:
        listener = _bound(message)
        self._held = HeldTraces(run_tag(message.run_id), message.most)
        self._receiver = SpanReceiver(self._held, self._clock.now_ns)
        await self._receiver.listen(listener)
        self._sweeping = asyncio.create_task(self._sweep(self._held), name="sweep")
        self._sweeping.add_done_callback(self._ended)
        host = f"[{message.host}]" if ":" in message.host else message.host
        return SpansOpened(f"http://{host}:{listener.getsockname()[1]}")

    async def _sweep(self, held: HeldTraces) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            held.sweep(self._clock.now_ns())

    async def _settle(self, message: SettleSpans) -> SpansSettled:
        """Wait for spans that exporters still hold, then reduce all there are."""
        held, receiver = self._held, self._receiver
        if held is None or receiver is None:
            raise RuntimeError("the coordinator has not sent OpenSpans")
        began_ns = self._clock.now_ns()
        self._wait_at_most(message.patience_s)
        while message.requests and (now_ns := self._clock.now_ns()) < self._until_ns:
            all_there = held.rooted >= message.requests
            silence_ns = now_ns - max(receiver.last_ns, 0 if all_there else began_ns)
            if silence_ns >= (_REST_NS if all_there else _SILENCE_NS):
                break
            await asyncio.sleep(_LOOK_S)
        held.finish()
        return SpansSettled(
            held.account, held.totals, receiver.exports, receiver.turned_away,
            receiver.not_understood,
        )  # fmt: skip

    def _wait_at_most(self, patience_s: float) -> None:
        self._until_ns = self._clock.now_ns() + round(patience_s * NS_PER_S)


def _bound(message: OpenSpans) -> socket.socket:
    """A socket bound where spans are to be received.

    Raises:
        EarError: nobody can listen there, or the plan does not say that others may reach it.
    """
    where = f"{message.host}:{message.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            message.host, message.port, type=socket.SOCK_STREAM
        )[0]
        if not (message.expose or is_here(str(address[0]))):
            raise EarError(
                f"tracing: {where} can be reached from other machines",
                'write listen = "127.0.0.1:0", or expose = true beside it',
            )
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setblocking(False)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise EarError(
            f"tracing: cannot listen on {where}: {error.strerror or error}",
            "end what listens there, or give another port; port 0 takes any that is free",
        ) from None
    return listener


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), _Spans))
