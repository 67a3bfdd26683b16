"""A run as structured lines, for a scheduled job's journal: what `wedload run --quiet` says.

One line in logfmt for each stage that is over, for the begin and the end of each fault, for what
ends the load, for warnings, and for the verdict. Keys are listed in docs/outputs.md.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.histogram import Histogram
from wedload.plan.metric_table import STEP_METRICS
from wedload.results.run import stage_spans
from wedload.safety.redactor import KNOWN
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from wedload.metrics.timeline import Timeline
    from wedload.report.view import RunView
    from wedload.results.run import Run, StageSpan

#: level -> its number for journald. Source: sd-daemon(3)
PRIORITIES: Final = {"info": 6, "warning": 4, "error": 3}
_LOUD: Final = ("warning", "stopping", "stopped", "paused", "the run cannot be recorded")
_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/+%,@")
_LEVELS: Final = {"pass": "info", "fail": "warning", "invalid": "error"}


def line_of(fields: Mapping[str, Any]) -> str:
    """A line of logfmt; what is None is left out."""
    return " ".join(f"{k}={_value(v)}" for k, v in fields.items() if v is not None)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    text = KNOWN(str(value))
    if text and _BARE.issuperset(text):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    known = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    return known or (char if char.isprintable() else f"\\u{ord(char):04x}")


def _to_stderr(line: str) -> None:
    with suppress(OSError):  # nobody reads it: the run goes on, and its result says it all
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is what it is for


class LogView:
    """An observer that writes lines. Implements `wedload.report.view.Observer`."""

    def __init__(
        self, *, priorities: bool = False, write: Callable[[str], None] = _to_stderr
    ) -> None:
        """`priorities`: with `<6>` before each line, as journald reads them."""
        self._priorities = priorities
        self._write = write
        self._view: RunView | None = None
        self._stages: list[StageSpan] | None = None
        self._faults: set[tuple[str, str]] = set()
        self._aborted = False

    def notice(self, text: str) -> None:
        """Say what somebody should know; not how far the run is."""
        if text.startswith(_LOUD):
            self._say("warning", "notice", msg=text)

    def tick(self, view: RunView) -> None:
        """Say what is over, and what has begun."""
        self._view = view
        self._say_faults(view)
        self._say_stages(view, view.elapsed_s - 1.5)  # the last quarters of a second come late
        abort = view.collected.abort
        if abort is not None and not self._aborted:
            self._aborted = True
            self._say("warning", "abort", benchmark=abort.row.name, after_s=abort.after_s)

    def close(self) -> None:
        """Say what is left of the stages that had begun."""
        if self._view is not None:
            self._say_faults(self._view)
            self._say_stages(self._view, self._view.elapsed_s, is_last=True)

    def verdict(self, run: Run) -> None:
        """Say what came of it."""
        rows = run.verdict.rows
        missed = [row.name for row in rows if row.status != "met"]
        self._say(
            _LEVELS[run.verdict.outcome], "verdict",
            plan=run.info.plan, run=run.info.run_id, target=run.info.target,
            verdict=run.verdict.outcome, interrupted=run.interrupted or None,
            load_s=round(run.load_s, 3), iterations=run.summary.count("iterations"),
            benchmarks=len(rows), met=len(rows) - len(missed),
            missed=", ".join(missed) or None,
            reason=run.verdict.reasons[0] if run.verdict.reasons else None,
        )  # fmt: skip

    def interrupted(self, why: str) -> None:
        """Say that there is no verdict."""
        self._say("warning", "interrupted", msg=why)

    def _say(self, level: str, event: str, **fields: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        view = self._view
        of = {} if view is None else {"plan": view.plan, "run": view.run_id, "target": view.target}
        line = line_of({"ts": at, "level": level, "event": event, **of, **fields})
        self._write(f"<{PRIORITIES[level]}>{line}" if self._priorities else line)

    def _say_faults(self, view: RunView) -> None:
        for one in view.faults:
            for event, at_s in (("fault-begins", one.begin_s), ("fault-ends", one.end_s)):
                if at_s <= view.elapsed_s and (one.name, event) not in self._faults:
                    self._faults.add((one.name, event))
                    on = ",".join(one.on)
                    self._say("warning", event, fault=one.name, on=on, at_s=at_s)

    def _say_stages(self, view: RunView, over_s: float, *, is_last: bool = False) -> None:
        if self._stages is None:
            self._stages = list(stage_spans(view.workload))
        left = []
        for one in self._stages:
            if one.end_s <= over_s or (is_last and one.begin_s < over_s):
                self._say("info", "stage", **stage_fields(view, one, min(one.end_s, over_s)))
            else:
                left.append(one)
        self._stages = left


def stage_fields(view: RunView, one: StageSpan, end_s: float) -> dict[str, Any]:
    """The figures of a stage, of the whole seconds in it, up to `end_s`; None: there are none."""
    begin, end = round(one.begin_s), max(round(end_s), round(one.begin_s) + 1)
    timeline, span_s = view.timeline, max(end - begin, 1)
    series = {
        number
        for number, known in enumerate(view.summary.catalogue.series)
        if known.scenario == one.scenario
    }
    counted, failed = _counted(timeline, begin, end, series)
    iterations = timeline.count("iterations", begin, end, series)
    durations = Histogram.merge(
        timeline.trend(each.duration, begin, end, series) for each in set(STEP_METRICS.values())
    )
    p95_ms = durations.quantile_ns(0.95) / NS_PER_MS if durations.count else None
    return {
        "stage": one.stage or one.scenario,
        "scenario": one.scenario,
        "begin_s": round(one.begin_s, 3),
        "end_s": round(end_s, 3),
        "vus": timeline.vus_at(max(end - 1, 0))[one.scenario],
        "it_per_s": round(iterations / span_s, 3),
        "req_per_s": round(counted / span_s, 3),
        "p95_ms": None if p95_ms is None else round(p95_ms, 3),
        "failed_ratio": round(failed / counted, 6) if counted else None,
    }


def _counted(timeline: Timeline, begin: int, end: int, series: Collection[int]) -> tuple[int, int]:
    """Steps of whatever verb, and how many of them failed."""
    names = {one.count for one in STEP_METRICS.values()}
    columns = [
        column for (name, number), column in timeline.counts.items()
        if name in names and number in series
    ]  # fmt: skip
    return (
        sum(sum(one.total[begin:end]) for one in columns),
        sum(sum(one.yes[begin:end]) for one in columns),
    )
