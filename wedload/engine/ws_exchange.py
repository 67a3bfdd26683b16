"""One run of a ws step: connecting if need be, sending, and looking at messages until one fits.

Whatever comes of it is a response, as expressions and the recorder read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.plan.verbs.ws import HANDSHAKE_HEADERS
from wedload.protocols.http.deadline import in_time
from wedload.protocols.http.response import Response
from wedload.protocols.websocket.opening import WebSocketError
from wedload.units import counted, format_duration_ns

if TYPE_CHECKING:
    from wedload.engine.identity import SignedIn
    from wedload.engine.scope import Scope
    from wedload.engine.ws_conversation import Conversation
    from wedload.workload.compiled import Driven
    from wedload.workload.request import Request
    from wedload.workload.verbs.ws import WsTask

#: the status of a handshake that succeeded
_SWITCHED: Final = 101


class Opens(Protocol):
    """What an exchange needs of the steps that it is one of."""

    def now_ns(self) -> int:
        """The present instant."""

    async def open(
        self,
        step: Driven,
        conversation: Conversation,
        request: Request,
        headers: list[tuple[str, str]],
        subprotocols: list[str],
        timeout_ns: int,
    ) -> None:
        """Open a conversation's connection.

        Raises:
            WebSocketError: it did not open.
        """


class Exchange:
    """One run of a step: connecting if need be, sending, awaiting."""

    def __init__(
        self,
        steps: Opens,
        step: Driven,
        conversation: Conversation,
        session: SignedIn,
        scope: Scope,
    ) -> None:
        self._open_by = steps.open
        self._now_ns = steps.now_ns
        self._step = step
        self._task: WsTask = step.task
        self._conversation = conversation
        self._session = session
        self._scope = scope
        self.began_ns = self._wanted_ns = self._now_ns()
        self._deadline_ns = self._wanted_ns + self._task.within_ns
        self._sent_ns = 0
        self._looked_at = 0  # messages
        self._response = Response(self._wanted_ns)  # the last of these

    async def run(self, request: Request, subprotocols: str, message: bytes | None) -> Response:
        """What became of it."""
        try:
            await self._talk(request, subprotocols, message)
        except WebSocketError as failure:
            self._fail(failure)
        except TimeoutError:
            self._fail(WebSocketError("timeout", self._too_late()))
        self._session.take_cookies(request, self._response)
        return self._response

    async def _talk(self, request: Request, subprotocols: str, message: bytes | None) -> None:
        conversation, awaits = self._conversation, self._task.expect is not None
        if message is None and awaits and conversation.look(self._fits):
            return  # it has come before
        if not conversation.usable:
            await self._open(request, subprotocols)
        elif message is not None:
            conversation.skip()  # what came before the question is no answer to it
        self.began_ns = self._now_ns()
        if message is not None and not conversation.send(message):
            await in_time(conversation.drained(), self._deadline_ns - self._now_ns())
        self._sent_ns = self._now_ns()
        if awaits:
            await in_time(conversation.find(self._fits), self._deadline_ns - self._sent_ns)
        else:
            self._response = self._seen(b"", self._sent_ns)

    async def _open(self, request: Request, subprotocols: str) -> None:
        lines = self._session.header_lines(self._task.own_headers)
        lines = self._session.with_cookies(lines, request)
        await self._open_by(
            self._step,
            self._conversation,
            request,
            _pairs(request.headers + b"".join(lines)),
            [name for one in subprotocols.split(",") if (name := one.strip())],
            self._deadline_ns - self._now_ns(),
        )
        jar = self._session.jar
        for header, value in self._conversation.headers:
            if header.lower() == b"set-cookie":
                jar.store(request.origin, request.path, value.decode("latin-1"))

    def _fits(self, data: bytes, at_ns: int) -> bool:
        """Whether a message is the one that is awaited.

        Raises:
            TimeoutError: it was read after the deadline.
        """
        if at_ns > self._deadline_ns:
            raise TimeoutError
        self._looked_at += 1
        self._scope.response = self._response = self._seen(data, at_ns)
        assert self._task.expect is not None
        try:
            return bool(self._task.expect(self._scope))
        except EVALUATION_ERRORS:
            return False  # what it asks about is not there

    def _seen(self, data: bytes, at_ns: int) -> Response:
        """A message as expressions read it; one that was there before was not waited for."""
        response = Response(self.began_ns)
        response.status, response.body = _SWITCHED, data
        response.raw_headers = self._conversation.headers
        response.first_byte_ns = response.ended_ns = max(at_ns, self.began_ns)
        response.sent_ns = min(self._sent_ns or self.began_ns, response.ended_ns)
        return response

    def _too_late(self) -> str:
        """What a time-out was about."""
        within = format_duration_ns(self._task.within_ns)
        if not self._sent_ns:
            return f"the message was not taken within {within}"
        if not self._looked_at:
            return f"no message came within {within}"
        return f"{counted(self._looked_at, 'message')} came within {within}, and none fits"

    def _fail(self, failure: WebSocketError) -> None:
        """There is no message, for whatever reason."""
        response = self._response = Response(self.began_ns)
        response.raw_headers, response.status = failure.headers, failure.status
        if not self._sent_ns:
            response.unsent(failure.outcome, failure.problem, self._now_ns())
            return
        response.outcome, response.problem = failure.outcome, failure.problem
        ended_ns = self._now_ns()
        if failure.outcome != "timeout":
            ended_ns = max(self._conversation.ended_ns, self._sent_ns)
        response.sent_ns = self._sent_ns
        response.first_byte_ns = response.ended_ns = ended_ns
        if failure.outcome == "timeout":
            response.waited_since(self._wanted_ns)


def _pairs(lines: bytes) -> list[tuple[str, str]]:
    """Header lines as names and values, without those that the handshake has itself."""
    split = (line.partition(b":") for line in lines.split(b"\r\n") if line)
    pairs = [(name.decode(), value.strip().decode()) for name, _, value in split]
    return [pair for pair in pairs if pair[0].lower() not in HANDSHAKE_HEADERS]
