"""The ws steps of one virtual user: conversations over WebSockets that it keeps.

A connection is known by its URL and by who opened it. It is opened when a step first needs it, kept
over iterations, and opened again if the server has ended it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from wedload.engine.ending import capture_and_expect, check_all, end_step
from wedload.engine.holding import hold_back, take_in
from wedload.engine.scope import EndIteration, no_value
from wedload.engine.ws_conversation import Conversation
from wedload.engine.ws_exchange import Exchange
from wedload.engine.ws_samples import record_exchange, record_rest
from wedload.metrics.outcome import ANSWERED
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.protocols.websocket.address import WebSocketAddress
from wedload.protocols.websocket.connecting import socket_connector
from wedload.workload.compiled import Driven

if TYPE_CHECKING:
    from wedload.engine.context import Shared
    from wedload.engine.identity import SignedIn
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.protocols.http.response import Response
    from wedload.protocols.websocket.connection import WebSocketConnection
    from wedload.workload.compiled import Guarded, Rendered
    from wedload.workload.request import Origin, Request
    from wedload.workload.verbs.ws import WsTask

_Key = tuple["Origin", bytes, "str | None"]


class WsDrivers:
    """What the ws steps of one load process share. See `wedload.engine.port`."""

    def __init__(self, shared: Shared) -> None:
        self.connector = socket_connector(shared.plan, shared.settings, shared.clock)
        self.opened: WeakSet[WebSocketConnection] = WeakSet()

    async def open(self) -> None:
        """Nothing: connections are made when a virtual user first needs them."""

    async def begin(self) -> None:
        """Nothing, likewise."""

    def driver(self, user: VirtualUser) -> WsSteps:
        """The ws steps of one virtual user."""
        return WsSteps(self, user)

    async def close(self) -> None:
        """Close every connection."""
        for connection in self.opened:
            connection.abort()
        await asyncio.sleep(0)  # transports close on the next turn of the loop


class WsSteps:
    """Runs the ws steps of one virtual user, signed in as its http steps are."""

    def __init__(self, drivers: WsDrivers, user: VirtualUser) -> None:
        self._drivers = drivers
        self._context = user.context
        self._clock = user.context.shared.clock
        self.now_ns = self._clock.now_ns
        self._recorder = user.context.shared.recorder
        self._http = user.http()
        self._due = user.due
        self._conversations: dict[_Key, Conversation] = {}
        self._held: dict[int, _Key] = {}  # by series of a step: the one that it used last
        self._last: tuple[str, int] = "", 0  # the step that ran last, and its series

    def close(self) -> None:
        """End its conversations at once."""
        for conversation in self._conversations.values():
            self._part_with(conversation)
        self._conversations.clear()
        self._held.clear()

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Run a ws step; whether it succeeded.

        Raises:
            EndIteration: what follows makes no sense.
        """
        assert isinstance(step, Driven)
        task: WsTask = step.task
        session = await self._http.signed_in(task.identity, scope)
        try:
            request = task.handshake.render(scope)
            chosen = _rendered(task.subprotocols, scope)
            message = None if task.send is None else _rendered(task.send, scope)
        except EVALUATION_ERRORS as error:
            raise no_value(self._recorder, step.name, error) from None
        self._last = step.name, step.series
        conversation = self._conversation(step.series, request, task.identity)
        restraint = self._http.restraint
        opens = not conversation.usable
        if restraint.active and opens:
            await hold_back(
                self._context, step.series, request.origin, restraint, self._due,
                obeys=task.obeys_limits,
            )  # fmt: skip
        exchange = Exchange(self, step, conversation, session, scope)
        try:
            response = await exchange.run(request, chosen.decode(), message)
        except asyncio.CancelledError:
            self._record_cut_off(step, conversation, exchange.began_ns)
            raise
        if opens and (response.status >= 400 or restraint.active):
            take_in(
                self._context, step.series, request.origin, response, restraint, "ws_limited",
                obeys=task.obeys_limits,
            )  # fmt: skip
        self._end(step, conversation, response, session, scope)
        if task.close:
            await conversation.close()
        succeeded = response.outcome == "ok"
        since_ns = response.started_ns if response.sent_ns else 0
        capture_and_expect(self._context, step, scope, since_ns, succeeded=succeeded)
        if not succeeded and step.ends_iteration:
            raise EndIteration
        return succeeded

    async def open(
        self,
        step: Driven,
        conversation: Conversation,
        request: Request,
        headers: list[tuple[str, str]],
        subprotocols: list[str],
        timeout_ns: int,
    ) -> None:
        """Open a conversation's connection, and record that.

        Raises:
            WebSocketError: it did not open.
        """
        again = conversation.lost
        connection = await conversation.open(
            address=WebSocketAddress(request.origin, request.target.decode()),
            connector=self._drivers.connector,
            headers=headers,
            subprotocols=subprotocols,
            timeout_ns=timeout_ns,
            clock=self._clock,
            max_message_bytes=step.task.max_message_bytes,
        )
        self._drivers.opened.add(connection)
        phase = self._context.phase_at(self.now_ns())
        connecting_ns = connection.connecting.blocked_ns
        self._recorder.trend("ws_connecting", step.series, phase).append(connecting_ns)
        self._recorder.count(step.series, "ws_connections", phase)
        if again:
            self._recorder.count(step.series, "ws_reconnects", phase)

    # --- conversations ----------------------------------------------------------------------

    def _conversation(self, series: int, request: Request, identity: str | None) -> Conversation:
        """The one that a step is a part of; one that no step uses any more is over."""
        key = request.origin, request.target, identity
        conversation = self._conversations.get(key)
        if conversation is None:
            conversation = self._conversations[key] = Conversation()
        before = self._held.get(series)
        if before != key:
            self._held[series] = key
            conversation.holders.add(series)
            if before is not None:  # its URL has become another
                left = self._conversations[before]
                left.holders.discard(series)
                if not left.holders:
                    self._part_with(self._conversations.pop(before))
        return conversation

    def _part_with(self, conversation: Conversation) -> None:
        conversation.leave()
        phase = self._context.phase_at(self.now_ns())
        record_rest(self._recorder, *self._last, phase, conversation.take_counts())

    # --- what is recorded -------------------------------------------------------------------

    def _record_cut_off(self, step: Driven, conversation: Conversation, began_ns: int) -> None:
        phase = self._context.phase_at(began_ns)
        waits = self._recorder.trend("ws_interrupted", step.series, phase)
        waits.append(self.now_ns() - began_ns)
        counts = conversation.take_counts()
        record_rest(self._recorder, step.name, step.series, phase, counts)

    def _end(
        self,
        step: Driven,
        conversation: Conversation,
        response: Response,
        session: SignedIn,
        scope: Scope,
    ) -> None:
        """An exchange is over: record and check it."""
        context = self._context
        phase = context.phase_at(response.started_ns)
        awaited = response.sent_ns > 0 and (
            step.task.expect is not None or response.outcome == "timeout"
        )
        waited_ns = end_step(
            context, self._due, step.series, phase, response.ended_ns, happened=awaited
        )
        record_exchange(
            self._recorder, step.name, step.series, phase, response,
            conversation.take_counts(), awaited=awaited, waited_ns=waited_ns,
        )  # fmt: skip
        scope.response = response
        if step.checks:
            answered = response.outcome in ANSWERED
            check_all(context, step.checks, phase, scope, answered=answered)
        if response.status == 401:
            session.refused()


def _rendered(what: Rendered, scope: Scope) -> bytes:
    found: Any = what if type(what) is bytes else what(scope)
    assert isinstance(found, bytes)
    return found
