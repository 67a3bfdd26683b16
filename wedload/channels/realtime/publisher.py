"""A publisher to a realtime channel: one connection of a load process, joined like a subscriber's.

Nothing of it records; what became of a publication is the step's to say.
"""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import orjson

from wedload.channels.realtime.endpoint import Endpoints, Reaching
from wedload.channels.realtime.frames import decoder, encoder
from wedload.channels.realtime.joining import subscription
from wedload.channels.realtime.once import Known, Said, frame_reader
from wedload.channels.realtime.phoenix import Replied, said
from wedload.channels.realtime.phoenix_subscriber import PhoenixSubscriber
from wedload.channels.realtime.population import Population
from wedload.channels.realtime.quota import quota_code
from wedload.channels.realtime.sockets import Connecting, Sockets, connector_to
from wedload.channels.realtime.unheard import Unheard
from wedload.channels.realtime.websocket import WebSocketSubscriber
from wedload.errors import EarError
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.channels.message import Message
    from wedload.channels.realtime.frames import Frame
    from wedload.channels.realtime.subscriber import Crowd, Subscriber
    from wedload.clock import Clock

_AT_ONCE: Final = Fraction(0)


class PublisherContext(Reaching, Connecting, Protocol):
    """What a publisher is given; an `EarContext` is one."""


class Acknowledgement(NamedTuple):
    """What the server says to a publication."""

    outcome: str  # ok | timeout | refused | reset | the code of a quota that is exhausted
    at_ns: int  # when that was known
    problem: str | None = None  # in words


class Publication:
    """A message that was published, or was to be."""

    __slots__ = ("_answer", "_now_ns", "sent_ns")

    def __init__(
        self,
        sent_ns: int,
        answer: asyncio.Future[Acknowledgement] | Acknowledgement,
        clock: Clock,
    ) -> None:
        self.sent_ns = sent_ns  # when it was handed to the socket
        self._answer = answer
        self._now_ns = clock.now_ns

    async def acknowledged(self, timeout_ns: int) -> Acknowledgement:
        """What the server says, or that it said nothing in time. Where none does, it is `ok`."""
        answer = self._answer
        if isinstance(answer, Acknowledgement):
            return answer
        try:
            async with asyncio.timeout(timeout_ns / NS_PER_S):
                return await answer
        except TimeoutError:
            return Acknowledgement("timeout", self._now_ns(), "it was not acknowledged in time")


class Publisher:
    """Publishes to a channel; joins again by itself when it was dropped."""

    def __init__(self, context: PublisherContext) -> None:
        self._context = context
        self._clock = context.clock
        self._supabase = context.channel.realtime == "supabase"
        self._speaker: PhoenixSubscriber | WebSocketSubscriber | None = None
        self._population: Population | None = None
        self._waiting: dict[str, asyncio.Future[Acknowledgement]] = {}  # by ref
        self._unheard = Unheard(self.forget)

    async def open(self) -> None:
        """Connect and join.

        Raises:
            EarError: it cannot; says what the server says.
        """
        context = self._context
        if context.channel.realtime == "sse":
            hint = "publish by an http step, as the platform's clients do"
            raise EarError(f"channel {context.name}: an event stream goes one way", hint)
        try:
            self._speaker = None
            self._population = Population(
                context.name,
                1,
                self._make,
                joins_per_s=_AT_ONCE,
                beat_ns=context.channel.heartbeat,
                hearing=self._unheard,
                clock=self._clock,
                seed=context.seed,
            )
            problems = await self._population.join(lambda _joined, _of: None)
        except OSError as error:
            raise EarError(f"channel {context.name}: tls of the target: {error}") from None
        except EVALUATION_ERRORS as error:
            raise EarError(f"channel {context.name}: {error or type(error).__name__}") from None
        if problems:
            raise EarError(f"publishing to channel {context.name}: {problems[0]}")

    def publish(self, event: str, payload: Any) -> Publication:
        """Hand a message to the socket; `payload` is JSON: as bytes, or as a value.

        A plain WebSocket gets the payload itself, and no event.
        """
        now_ns = self._clock.now_ns
        content = orjson.Fragment(payload) if isinstance(payload, bytes) else payload
        speaker, sent_ns = self._speaker, now_ns()
        if isinstance(speaker, PhoenixSubscriber):
            if self._supabase:
                content = {"type": "broadcast", "event": event, "payload": content}
                event = "broadcast"
            ref = speaker.push(event, content)
            if ref is not None:
                answer = asyncio.get_running_loop().create_future()
                self._waiting[ref] = answer
                answer.add_done_callback(lambda _: self._waiting.pop(ref, None))
                return Publication(sent_ns, answer, self._clock)
        elif speaker is not None and speaker.say(orjson.dumps(content)):
            return Publication(sent_ns, Acknowledgement("ok", sent_ns), self._clock)
        gone = Acknowledgement("reset", sent_ns, "the publisher's connection has ended")
        return Publication(sent_ns, gone, self._clock)

    async def close(self) -> None:
        """End its connection; what is not acknowledged yet will not be."""
        if self._population is not None:
            await self._population.close()
        self.forget(self._clock.now_ns())

    def forget(self, at_ns: int) -> None:
        """The connection is gone, and with it what was not acknowledged."""
        for answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_result(Acknowledgement("reset", at_ns, "the connection has ended"))

    # --- inside -------------------------------------------------------------------------------

    def _make(self, number: int, crowd: Crowd) -> Subscriber:
        context, channel = self._context, self._context.channel
        endpoints = Endpoints(context)
        connector = connector_to(context)
        sockets = Sockets(endpoints, connector, self._clock)
        unheard = self._unheard
        if channel.realtime == "websocket":
            known = Known(lambda _data, _at_ns: Said())
            plain = WebSocketSubscriber(number, None, sockets, known, unheard, crowd, self._clock)
            self._speaker = plain
            return plain
        encode = encoder(channel.vsn)
        asked = subscription(channel, endpoints.scope(number), encode, publisher=True)
        known = Known(frame_reader(decoder(channel.vsn), _no_message, _no_key))
        speaker = PhoenixSubscriber(number, asked, sockets, known, unheard, crowd, self._answered)
        self._speaker = speaker
        return speaker

    def _answered(self, reply: Replied, at_ns: int) -> None:
        answer = self._waiting.get(reply.ref)
        if answer is None or answer.done():
            return
        if reply.ok:
            answer.set_result(Acknowledgement("ok", at_ns))
            return
        problem = said(reply.response) or "no reason given"
        answer.set_result(Acknowledgement(quota_code(problem) or "refused", at_ns, problem))


def _no_message(_frame: Frame, _data: bytes, _at_ns: int) -> None:
    """Messages of others are nothing to a publisher."""


def _no_key(_message: Message) -> None:
    """And nobody waits for one here."""
