"""A run with channels that never happened: a webhook and a realtime one, and what they heard."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wedload.metrics.catalogue import Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.plan.row_table import parse_row
from wedload.report.view import RunView
from wedload.results.recording import header
from wedload.units import NS_PER_MS
from wedload.verdict.channel_findings import heard_findings
from wedload.verdict.collected import Collected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.metrics.catalogue import Catalogue
    from wedload.results.recording import Recording
    from wedload.results.run import Run

KINDS: Final = {"notices": "webhook", "guests": "realtime"}
AWAIT: Final = Series("main", "visit", "await notice", verb="await", channel="notices")
PUBLISH: Final = Series("main", "visit", "publish change", verb="publish", channel="guests")
#: what the ears of both say
REPORTS: Final[dict[str, dict[str, Any]]] = {
    "notices": {
        "kind": "webhook", "url": "http://127.0.0.1:4100/hooks", "attempts": 309,
        "rejections": {"bad-signature": 5},
        "retries": [
            {"attempt": 2, "after": 503, "count": 6, "min_ms": 480.0, "med_ms": 500.0,
             "max_ms": 530.0},
            {"attempt": 3, "after": 503, "count": 3, "min_ms": 1900.0, "med_ms": 2100.0,
             "max_ms": 2300.0},
        ],
        "retries_beyond": 0, "forgotten": 0, "forgotten_keys": 0, "forgotten_entities": 0,
        "overflowed": 0,
    },
    "guests": {
        "kind": "realtime", "protocol": "supabase", "topic": "realtime:guests", "subscribers": 4,
        "joined_most": 4, "joined_least": 4, "drops": 0, "rejoins": 0, "join_failures": {},
        "quota_errors": {}, "unreadable": 0, "forgotten_keys": 0, "forgotten_entities": 0,
        "overflowed": 0,
    },
}  # fmt: skip


@dataclass
class Heard:
    """What a channel hears in each second."""

    ms: Sequence[float]  # that what is delivered took
    missed: int = 0
    late: int = 0
    last_ms: Sequence[float] = ()
    more: Mapping[tuple[str, str], int] = field(default_factory=dict)  # counter, outcome -> number


def notices(**changes: Any) -> Heard:
    """A second of the webhook: 100 deliveries of 1 to 100 ms, and 2 that are missed, one late."""
    more = {
        ("attempts", ""): 103, ("duplicates", ""): 2, ("rejected", "bad-signature"): 1,
        ("rejected", "too-large"): 3,
    }  # fmt: skip
    return replace(Heard([*range(1, 101), 1500], missed=2, late=1, more=more), **changes)


def guests(**changes: Any) -> Heard:
    """A second of the realtime channel: 400 messages of 5 to 8 ms to 4 subscribers."""
    more = {("out_of_order", ""): 1, ("drops", "reset"): 1, ("quota_errors", "429"): 2}
    return replace(Heard([5, 6, 7, 8] * 100, last_ms=[8] * 100, more=more), **changes)


def _second(catalogue: Catalogue, second: int, heard: Mapping[str, Heard], cpu: float) -> Snapshot:
    """What the ears tell in a second; their process comes after that of the load."""
    trends, counts = {}, {}
    for channel, one in heard.items():
        kind, step = KINDS[channel], AWAIT if channel == "notices" else PUBLISH
        number = catalogue.add_series(step)
        own = catalogue.add_series(Series("", channel=channel))
        took = "webhook_delivery_duration" if kind == "webhook" else "realtime_propagation"
        if one.ms:
            trends[CellKey(number, took, 1, "")] = _histogram(one.ms)
        if one.last_ms:
            trends[CellKey(number, "realtime_last_subscriber", 1, "")] = _histogram(one.last_ms)
        counts[CellKey(number, f"{kind}_expected", 1, "ok")] = len(one.ms) - one.late
        counts[CellKey(number, f"{kind}_expected", 1, "missed")] = one.missed
        counts[CellKey(number, f"{kind}_late", 1, "")] = one.late
        for (counter, outcome), times in one.more.items():
            counts[CellKey(own, f"{kind}_{counter}", 0, outcome)] = times
    health = Health(cpu, 40_000_000, Histogram.of([300_000] * 99))
    return Snapshot(1, second, trends, counts, {}, health)


def _histogram(ms: Sequence[float]) -> Histogram:
    return Histogram.of([round(one * NS_PER_MS) for one in ms])


@dataclass
class HeardRun:
    """The run, and what those who watched it saw in the end."""

    run: Run
    view: RunView


def heard_run(
    made: Any,
    heard: Mapping[str, Heard] | None = None,
    *,
    seconds: int = 3,
    rows: Mapping[str, Any] | None = None,
    reports: Mapping[str, Mapping[str, Any]] | None = REPORTS,
    cpu: float = 0.2,
    record: Recording | None = None,
) -> HeardRun:
    """Of what the fixture `make` made: its load, and so many seconds of channels.

    `record` is told all of it too, as it would be of a run.
    """
    heard = {"notices": notices(), "guests": guests()} if heard is None else heard
    catalogue = made.workload.catalogue
    for series in (AWAIT, PUBLISH, *(Series("", channel=name) for name in KINDS)):
        catalogue.add_series(series)
    collected = Collected.of(
        catalogue, {name: parse_row(row) for name, row in (rows or {}).items()}, workers=2,
        schedule_s=5430.0, arrivals=False, ears=1,
    )  # fmt: skip
    channels = {name: KINDS[name] for name in heard}
    info = replace(made.run.info, channels=channels)
    if record is not None:
        record.begin(header(info, made.run.stages, catalogue, rows or {}))
    look = next(n for n, one in enumerate(catalogue.series) if one.step == "look")
    for second in range(seconds):
        samples = {CellKey(look, "http_reqs", 1, "ok"): 10}
        health = Health(0.34, 52_000_000, Histogram.of([400_000] * 99))
        load = Snapshot(0, second, {}, samples, {"main": 5}, health)
        for snapshot in (load, _second(catalogue, second, heard, cpu)):
            collected.add(snapshot)
            if record is not None:
                record.add(snapshot)
    if record is not None:
        record.end("failed")
    view = RunView("small", "local", made.workload, collected, float(seconds), channels=channels)
    told = {} if reports is None else {name: reports[name] for name in heard if name in reports}
    health, verdict = collected.judged([*heard_findings(told)], load_s=float(seconds))
    run = replace(
        made.run, info=info, load_s=float(seconds),
        summary=collected.summary, timeline=collected.timeline, health=health, verdict=verdict,
        channels=None if reports is None else told,
    )  # fmt: skip
    return HeardRun(run, view)
