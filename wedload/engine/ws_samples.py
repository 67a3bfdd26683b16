"""What is recorded of exchanges over WebSockets, however they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.metrics.recorder import Row

if TYPE_CHECKING:
    from wedload.engine.ws_conversation import Counts
    from wedload.metrics.recorder import Recorder
    from wedload.protocols.http.response import Response

#: what has gone over the connection
_SUMS: Final = ("data_sent", "data_received", "ws_messages_sent", "ws_messages_received")
#: an exchange in which a message was awaited …
_AWAITED_ROW: Final = Row(("ws_duration",), _SUMS, "ws_exchanges")
#: … and was due in the same phase
_STEP_ROW: Final = Row(("ws_duration", "response_time"), _SUMS, "ws_exchanges")


def record_exchange(
    recorder: Recorder,
    step: str,
    series: int,
    phase: int,
    response: Response,
    counts: Counts,
    *,
    awaited: bool,
    waited_ns: int,
) -> None:
    """Record what became of an exchange; `step` names it in notes.

    `awaited`: whether its duration says anything; `waited_ns`: its response time, -1 for none.
    """
    outcome = response.outcome
    if outcome != "ok":
        recorder.note(f"{step}: {response.problem}")
    if not awaited:
        recorder.count(series, "ws_exchanges", phase, outcome)
        record_rest(recorder, step, series, phase, counts)
        return
    sums = counts[: len(_SUMS)]
    if waited_ns < 0:
        recorder.buffer(_AWAITED_ROW, series, phase, outcome).extend((response.duration, *sums))
    else:
        recorder.buffer(_STEP_ROW, series, phase, outcome).extend(
            (response.duration, waited_ns, *sums)
        )
    _record_dropped(recorder, step, series, phase, counts.dropped)


def record_rest(recorder: Recorder, step: str, series: int, phase: int, counts: Counts) -> None:
    """Record what has gone over a connection outside of exchanges that ended."""
    for metric, number in zip(_SUMS, counts, strict=False):
        if number:
            recorder.count(series, metric, phase, by=number)
    _record_dropped(recorder, step, series, phase, counts.dropped)


def _record_dropped(recorder: Recorder, step: str, series: int, phase: int, dropped: int) -> None:
    if dropped:
        recorder.count(series, "ws_messages_dropped", phase, by=dropped)
        recorder.note(
            f"{step}: messages came faster than steps looked at them, and the oldest fell out"
        )
