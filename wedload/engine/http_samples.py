"""What is recorded of requests, however they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.scope import missing
from wedload.metrics.recorder import STEP_SAMPLE
from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.scope import Scope
    from wedload.metrics.recorder import Recorder
    from wedload.protocols.http.interrupted import Interrupted
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Call


def record_hop(context: ScenarioContext, step: str, series: int, response: Response) -> None:
    """Record a response that ends no step, in the phase in which its request began."""
    phase = context.phase_at(response.started_ns)
    record_response(context.shared.recorder, step, series, phase, response)


def record_cut_off(context: ScenarioContext, series: int, cut: Interrupted) -> None:
    """Count apart a request that is not waited for any longer, with its wait so far."""
    recorder, phase = context.shared.recorder, context.phase_at(cut.started_ns)
    waited_ns = cut.ended_ns - cut.started_ns
    recorder.trend("http_req_interrupted", series, phase).append(waited_ns)
    recorder.count(series, "data_sent", phase, by=cut.sent_bytes)
    recorder.count(series, "data_received", phase, by=cut.received_bytes)


def record_response(
    recorder: Recorder, step: str, series: int, phase: int, response: Response, waited_ns: int = -1
) -> None:
    """Record what became of a request; `step` names it in the note of a failure.

    `waited_ns`: the response time of the step that it ends; -1 if there is none to be recorded.
    """
    outcome = response.outcome
    if outcome != "ok":
        recorder.note(f"{step}: {response.problem}")
    connecting = response.connecting
    if connecting is not None:
        for metric, taken_ns in connecting.parts():
            recorder.trend(metric, series, phase).append(taken_ns)
        if connecting.again:
            recorder.count(series, "http_reconnects", phase)
    if not response.sent_ns:  # never sent: counted, but there is nothing to time
        recorder.count(series, "http_reqs", phase, outcome)
        return
    started, sent, first = response.started_ns, response.sent_ns, response.first_byte_ns
    ended = response.ended_ns
    if not response.received_bytes:  # no byte came: there was no waiting for one, no receiving
        recorder.unanswered(series, phase, outcome).extend(
            (ended - started, sent - started, response.sent_bytes)
        )
    elif waited_ns >= 0:
        samples = recorder.step(series, phase, outcome)
        samples += STEP_SAMPLE(
            ended - started, sent - started, first - sent, ended - first, waited_ns,
            response.sent_bytes, response.received_bytes,
        )  # fmt: skip
        return
    else:
        recorder.http(series, phase, outcome).extend((
            ended - started, sent - started, first - sent, ended - first,
            response.sent_bytes, response.received_bytes,
        ))  # fmt: skip
    if waited_ns >= 0:
        recorder.trend("response_time", series, phase).append(waited_ns)


def record_fallback(
    recorder: Recorder, call: Call, phase: int, response: Response, scope: Scope
) -> None:
    """Count whether the answer that ends a step was a fallback, and time it if it was.

    One that does not say it was none; of a step that succeeded this is noted.
    """
    assert call.fallback is not None
    used = False
    try:
        used = bool(call.fallback(scope))
    except EVALUATION_ERRORS as error:
        if response.outcome == "ok":
            recorder.note(f"{call.name}: fallback: {missing(error)}")
    recorder.count(call.series, "fallbacks", phase, "used" if used else "not")
    if used:
        taken_ns = response.ended_ns - response.started_ns
        recorder.trend("fallback_duration", call.series, phase).append(taken_ns)
