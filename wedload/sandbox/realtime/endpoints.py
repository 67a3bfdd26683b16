"""The calls that reach the realtime side: connections are opened, messages are handed in.

A connection is counted when it opens, as nobody wants to wait for that until it ends.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Protocol

from aiohttp import WSMsgType, web

from ..call import answer
from ..errors import ApiError, forbidden, invalid
from ..validation import Problems, json_object
from .admission import admit, speaks_for_somebody
from .conversation import Conversation
from .event_log import Stream
from .nesting import is_too_deep
from .outlet import Outlet
from .phoenix import VERSIONS, MalformedError
from .socket import PREFIX, Socket

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..call import Call

log = logging.getLogger(__name__)

LARGEST_MESSAGE_BYTES = 1024 * 1024
LONGEST_NAME = 255
# How long a client that is taken leave of may take to answer.
_CLOSE_WITHIN_S = 1.0
_NUMBER = re.compile(r"[0-9]{1,18}")
_RETRY = b"retry: 1000\n\n"


class Party(Protocol):
    """This end of a connection."""

    def hear(self, text: str) -> None:
        """Take a message in, and answer it."""

    def close(self) -> None:
        """Forget all, as the connection has ended; again is no harm."""


async def channels(call: Call) -> web.StreamResponse:
    """`GET /realtime/v1/websocket`: a connection that speaks Supabase's protocol."""
    realtime = call.platform.realtime
    realtime.check_up()
    apikey = admit(call.request, realtime.sessions)
    vsn = call.request.query.get("vsn", "1.0.0")
    version = VERSIONS.get(vsn)
    if version is None:
        raise ApiError(400, "bad_version", f"vsn is 1.0.0 or 2.0.0, not {vsn}.")
    return await _converse(
        call, lambda outlet: Socket(realtime, version, apikey, outlet), realtime.silence_s
    )


async def conversation(call: Call) -> web.StreamResponse:
    """`GET /api/realtime/ws`: a plain WebSocket conversation."""
    realtime = call.platform.realtime
    realtime.check_up()
    admit(call.request, realtime.sessions)
    return await _converse(call, lambda outlet: Conversation(realtime.topics, outlet), None)


async def _converse(
    call: Call, make: Callable[[Outlet], Party], silence_s: float | None
) -> web.StreamResponse:
    # Uncompressed, as a frame is made once for all.
    socket = web.WebSocketResponse(
        compress=False,
        timeout=_CLOSE_WITHIN_S,
        receive_timeout=silence_s,
        max_msg_size=LARGEST_MESSAGE_BYTES,
    )
    try:
        await socket.prepare(call.request)
        outlet = _opened(call, 101)
    except web.HTTPBadRequest as error:
        raise ApiError(400, "bad_handshake", f"This is for WebSockets: {error.text}.") from None
    except ConnectionError:  # gone already
        return socket
    realtime = call.platform.realtime
    party = make(outlet)
    realtime.open.add(socket)
    try:
        await _hear(call, socket, party)
    except MalformedError as error:
        # First, as nothing may follow the frame that closes.
        party.close()
        await socket.close(code=1007, message=str(error).encode())
    except Exception:
        log.exception("a connection failed")
        party.close()
        await socket.close(code=1011)
    finally:
        realtime.open.discard(socket)
        realtime.counts.connections -= 1
        party.close()
    return socket


async def _hear(call: Call, socket: web.WebSocketResponse, party: Party) -> None:
    """Until the connection ends, is silent for too long, or sends what is no text."""
    while True:
        try:
            message = await socket.receive()
        except TimeoutError:
            call.platform.realtime.counts.silent += 1
            party.close()
            await socket.close(code=1000, message=b"No heartbeat")
            return
        if message.type is WSMsgType.TEXT:
            party.hear(message.data)
        elif message.type is WSMsgType.BINARY:
            raise MalformedError("binary messages are not understood")
        else:
            return


async def events(call: Call) -> web.StreamResponse:
    """`GET /api/realtime/events`: a stream of events, of `?types=` if given."""
    call.platform.realtime.check_up()
    admit(call.request, call.platform.sessions)
    log_of_events = call.platform.realtime.log
    kinds = frozenset(filter(None, call.request.query.get("types", "").split(",")))
    after = call.request.headers.get("Last-Event-ID")
    if after is not None and not _NUMBER.fullmatch(after):
        raise invalid({"Last-Event-ID": "must be a number that the stream gave as id"})
    if call.request.version < (1, 1):
        raise ApiError(505, "http_version", "A stream needs HTTP/1.1.")
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    response.enable_chunked_encoding()
    try:
        await response.prepare(call.request)
        await response.write(_RETRY)
        stream = Stream(_opened(call, 200), kinds or None)
    except ConnectionError:  # gone already
        return response
    log_of_events.add(stream, int(after) if after is not None else None)
    try:
        await stream.ended.wait()
    finally:
        log_of_events.remove(stream)
        call.platform.realtime.counts.connections -= 1
    return response


def _opened(call: Call, status: int) -> Outlet:
    transport = call.request.transport
    if transport is None:  # gone, just now
        raise ConnectionResetError("the connection was lost")
    counts = call.platform.realtime.counts
    counts.connections += 1
    counts.connected += 1
    call.platform.tally.add(f"{call.request.method} {call.request.path}", status)
    return Outlet(transport, counts)


async def post_event(call: Call) -> web.Response:
    """`POST /api/realtime/events`: tells the event stream of something."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("type", "data"))
    kind = problems.text(body, "type", LONGEST_NAME)
    if "\n" in kind or "\r" in kind:
        problems.add("type", "must be one line")
    _check_depth(problems, "data", body.get("data"))
    problems.finish()
    return answer(202, {"id": call.platform.realtime.log.publish(kind, body.get("data"))})


async def broadcast(call: Call) -> web.Response:
    """`POST /realtime/v1/api/broadcast`: messages for channels, from outside of them."""
    admit(call.request, call.platform.sessions)
    body = json_object(await call.json())
    problems = Problems()
    given = body.get("messages")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        problems.add("messages", "must be a list of objects")
        given = []
    for n, each in enumerate(given):
        _check_depth(problems, f"messages[{n}].payload", each.get("payload"))
    messages = [
        (
            problems.text(each, "topic", LONGEST_NAME, at=f"messages[{n}]."),
            problems.text(each, "event", LONGEST_NAME, at=f"messages[{n}]."),
            each.get("payload", {}),
            each.get("private") is True,
        )
        for n, each in enumerate(given)
    ]
    problems.finish()
    if any(private for *_, private in messages):
        _check_private(call)
    for topic, event, payload, private in messages:
        _publish(call, topic, event, payload, private)
    return web.Response(status=202)


async def broadcast_one(call: Call) -> web.Response:
    """`POST /realtime/v1/api/broadcast/{topic}/events/{event}`: one message, of this payload.

    Source: supabase/realtime, lib/realtime_web/controllers/broadcast_single_controller.ex.
    """
    admit(call.request, call.platform.sessions)
    payload = await call.json()
    problems = Problems()
    _check_depth(problems, "", payload)
    problems.finish()
    private = call.request.query.get("private") == "true"
    if private:
        _check_private(call)
    _publish(call, call.path("topic"), call.path("event"), payload, private)
    return web.Response(status=202)


def _check_depth(problems: Problems, name: str, value: object) -> None:
    if is_too_deep(value):
        problems.add(name, "is nested too deeply")


def _check_private(call: Call) -> None:
    if not speaks_for_somebody(call.request, call.platform.sessions):
        raise forbidden("A private message needs the token of somebody signed in.")


def _publish(call: Call, topic: str, event: str, payload: object, private: bool) -> None:
    realtime = call.platform.realtime
    message = {"type": "broadcast", "event": event, "payload": payload}
    key = (PREFIX + topic.removeprefix(PREFIX), private)
    if not realtime.rooms.broadcast(key, message):
        realtime.counts.quota.messages += 1
        raise ApiError(429, "rate_limited", "Too many messages per second.")
