"""The ear of a realtime channel: its population of subscribers, made of what the plan says.

An `Ear` of `wedload.channels.port`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wedload.channels.realtime.content import content_of, plain_message
from wedload.channels.realtime.endpoint import EndpointError, Endpoints
from wedload.channels.realtime.frames import decoder, encoder
from wedload.channels.realtime.joining import subscription
from wedload.channels.realtime.once import Known, event_reader, frame_reader, message_reader
from wedload.channels.realtime.phoenix_subscriber import PhoenixSubscriber
from wedload.channels.realtime.population import Population
from wedload.channels.realtime.sockets import Sockets, connector_to
from wedload.channels.realtime.websocket import WebSocketSubscriber
from wedload.errors import EarError
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.units import NS_PER_S
from wedload.workload.render_parts import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.port import EarContext
    from wedload.channels.realtime.sse import EventStreams
    from wedload.channels.realtime.subscriber import Crowd, Subscriber
    from wedload.protocols.websocket.connecting import SocketConnector


class RealtimeEar:
    """The subscribers of one channel."""

    def __init__(self, context: EarContext) -> None:
        self._context = context
        self._endpoints = Endpoints(context)
        self._population: Population | None = None
        self._streams: EventStreams | None = None
        self._report: dict[str, Any] = {}

    async def listen(self) -> str | None:
        """Nothing yet: subscribers join after set-up, which their credentials may come from.

        Raises:
            EarError: a file of the target's `tls` cannot be read.
        """
        self._connector()
        return None

    async def join(self, progress: Callable[[int, int], None]) -> list[str]:
        """Let every subscriber join; what went wrong, or nothing."""
        context, channel = self._context, self._context.channel
        try:
            make = self._maker(self._connector())
            self._population = population = Population(
                context.name,
                channel.subscribers,
                make,
                joins_per_s=channel.joins.per_s(NS_PER_S),
                beat_ns=channel.heartbeat,
                hearing=context.hearing,
                clock=context.clock,
                seed=context.seed,
            )
            return await population.join(progress)
        except EndpointError as error:
            return [str(error)]
        except EVALUATION_ERRORS as error:
            return [f"channel {context.name}: {error or type(error).__name__}"]

    def report(self) -> dict[str, Any]:
        """What stands in the result beside the channel's metrics."""
        channel, population = self._context.channel, self._population
        counts: dict[str, Any] = {}
        if population is not None:
            population.tally.look(self._context.clock.now_ns())
            counts = population.tally.report()
        topic = None if channel.topic is None else channel.topic.source
        return {"kind": "realtime", "protocol": channel.realtime, "topic": topic, **counts}

    async def close(self) -> None:
        """End every connection."""
        if self._population is not None:
            await self._population.close()
        if self._streams is not None:
            await self._streams.close()

    # --- inside -------------------------------------------------------------------------------

    def _connector(self) -> SocketConnector:
        try:
            return connector_to(self._context)
        except OSError as error:
            where = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            raise EarError(f"channel {self._context.name}: tls of the target: {where}") from None

    def _maker(self, connector: SocketConnector) -> Callable[[int, Crowd], Subscriber]:
        """What makes subscribers; what they hear is read once for all of them."""
        match self._context.channel.realtime:
            case "sse":
                return self._of_event_streams(connector)
            case "websocket":
                return self._of_websockets(connector)
            case _:
                return self._of_phoenix(connector)

    def _of_phoenix(self, connector: SocketConnector) -> Callable[[int, Crowd], Subscriber]:
        context, channel = self._context, self._context.channel
        encode = encoder(channel.vsn)
        content = content_of(supabase=channel.realtime == "supabase", presence=channel.presence)
        known = Known(frame_reader(decoder(channel.vsn), content, context.keys.of))
        sockets = Sockets(self._endpoints, connector, context.clock)

        def make(number: int, crowd: Crowd) -> Subscriber:
            asked = subscription(channel, self._endpoints.scope(number), encode)
            return PhoenixSubscriber(number, asked, sockets, known, context.hearing, crowd)

        return make

    def _of_websockets(self, connector: SocketConnector) -> Callable[[int, Crowd], Subscriber]:
        context, channel = self._context, self._context.channel
        known = Known(message_reader(plain_message, context.keys.of))
        sockets = Sockets(self._endpoints, connector, context.clock)
        say = None if channel.subscribe is None else Text(channel.subscribe)

        def make(number: int, crowd: Crowd) -> Subscriber:
            first = None if say is None else say(self._endpoints.scope(number)).encode()
            hearing, clock = context.hearing, context.clock
            return WebSocketSubscriber(number, first, sockets, known, hearing, crowd, clock)

        return make

    def _of_event_streams(self, connector: SocketConnector) -> Callable[[int, Crowd], Subscriber]:
        from wedload.channels.realtime.sse import (  # noqa: PLC0415 - only here, with aiohttp
            EventStreams,
            SseSubscriber,
        )

        context = self._context
        known = Known(event_reader(context.keys.of))
        self._streams = streams = EventStreams(self._endpoints, connector, context.clock)

        def make(number: int, crowd: Crowd) -> Subscriber:
            hearing, clock = context.hearing, context.clock
            return SseSubscriber(number, streams, known, hearing, crowd, clock)

        return make
