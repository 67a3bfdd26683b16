"""Compiling `ws`: the handshake that opens a connection, what is sent, and what is awaited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.plan.expressions.template import Template
from wedload.plan.fields import RequestLine
from wedload.plan.verbs.http import HttpStep
from wedload.workload.compiled import Driven, RequestTemplate
from wedload.workload.render_bodies import body_renderer, json_renderer
from wedload.workload.request import as_http
from wedload.workload.verbs.http import compile_request, own_headers

if TYPE_CHECKING:
    from wedload.plan.expressions.expression import Scope
    from wedload.plan.expressions.template import JsonTemplate
    from wedload.plan.verbs.ws import WsStep
    from wedload.workload.compile_steps import StepCompiler
    from wedload.workload.compiled import Rendered, Value


@dataclass(frozen=True, slots=True)
class WsTask:
    """What a `ws` step is to do."""

    handshake: RequestTemplate  # its URL says which connection it is, too
    identity: str | None
    own_headers: frozenset[str]  # lower-case names that an identity's headers do not replace
    subprotocols: Rendered  # as they stand in the header, separated by commas
    send: Rendered | None
    expect: Value | None
    within_ns: int
    max_message_bytes: int
    obeys_limits: bool  # else it only counts that it was told to wait
    close: bool


def compile_ws(steps: StepCompiler, step: WsStep, workflow: str | None) -> Driven:
    """Compile a ws step."""
    http = steps.plan.http
    task = WsTask(
        handshake=_handshake(steps, step),
        identity=step.as_,
        own_headers=own_headers(_as_request(step)),
        subprotocols=b"" if step.subprotocol is None else body_renderer(step.subprotocol),
        send=None if step.send is None else _message_renderer(step.send),
        expect=None if step.expect is None else step.expect.evaluate,
        within_ns=step.within or http.timeout,
        max_message_bytes=http.max_response,
        obeys_limits=step.obeys_limits(http),
        close=step.close,
    )
    return Driven(**steps.sampled(step, workflow), task=task)


def _as_request(step: WsStep) -> HttpStep:
    """The request that the handshake is."""
    line = RequestLine("GET", step.ws)
    return HttpStep(name=step.label, http=line, as_=step.as_, headers=step.headers)


def _handshake(steps: StepCompiler, step: WsStep) -> RequestTemplate:
    request = compile_request(steps, _as_request(step))
    if request.origin is not None:
        return request
    url = request.target  # a whole one, of ws or wss, known when it is needed

    def target(scope: Scope) -> bytes:
        return as_http(url(scope).decode()).encode()

    return RequestTemplate(request.method, None, target, request.headers, None)


def _message_renderer(message: JsonTemplate) -> Rendered:
    """A text is sent as it is, anything else as JSON."""
    value = message.value
    if isinstance(value, str):
        return value.encode()
    return body_renderer(value) if isinstance(value, Template) else json_renderer(message)
