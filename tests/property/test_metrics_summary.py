"""However samples are split into snapshots and workers, the summary is the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.histograms import all_of
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.recorder import HTTP_ROW, Recorder, Row
from wedload.metrics.summary import Summary
from wedload.metrics.timeline import Timeline

SETTINGS = settings(deadline=None)
SERIES = [
    Series("main", "visit", "look", "shop"),
    Series("main", "visit", "buy", "shop/pay", tags=(("critical", "yes"),)),
    Series("side", "search", "look"),
    Series("setup", None, "log in", judged=False),
]
PHASES = [Phase(""), Phase("main", "ramp"), Phase("main", "peak")]
WHERES = [
    (),
    (("scenario", "main"),),
    (("step", "look"),),
    (("group", "shop"),),
    (("critical", "yes"),),
    (("stage", "peak"),),
    (("scenario", "setup"),),
    (("step", "look"), ("stage", "ramp")),
]
SAMPLE = st.tuples(
    st.integers(0, len(SERIES) - 1),
    st.integers(0, len(PHASES) - 1),
    st.sampled_from(["ok", "status", "timeout"]),
    st.integers(1, 10**10),
    st.integers(0, 10**6),
)
#: each sample with the worker that sees it and whether this worker flushes after it
RUNS = st.lists(st.tuples(SAMPLE, st.integers(0, 2), st.booleans()), max_size=60)
ITERATION = Row(("iteration_duration",), counter="iterations")


def catalogue():
    made = Catalogue()
    for series in SERIES:
        made.add_series(series)
    for phase in PHASES:
        made.add_phase(phase)
    return made


def snapshots_of(run):
    """What three recorders hand over."""
    recorders = [Recorder() for _ in range(3)]
    found = []
    for (series, phase, outcome, duration, size), worker, flush in run:
        recorder = recorders[worker]
        recorder.buffer(HTTP_ROW, series, phase, outcome).extend(
            (duration, duration // 4, duration // 2, 1, size, size * 2)
        )
        recorder.buffer(ITERATION, series, phase, "").append(duration)
        recorder.count(series, "checks", phase, "pass" if outcome == "ok" else "fail", by=size)
        recorder.note(f"{outcome} {size % 3}")
        if flush:
            found.append(recorder.flush(worker, len(found) % 5, {"main": 1}))
    return [*found, *(recorder.flush(n, 5, {}) for n, recorder in enumerate(recorders))]


def answers(snapshots):
    """All that a summary can be asked."""
    summary = Summary(catalogue())
    for snapshot in snapshots:
        summary.add(snapshot)
    return [
        (
            [all_of(summary.trend(metric, where)) for metric in HTTP_ROW.trends],
            all_of(summary.trend("iteration_duration", where)),
            [
                summary.count(m, where)
                for m in ("http_reqs", "data_sent", "data_received", "checks")
            ],
            summary.rate("http_req_failed", where),
            summary.rate("checks", where),
            summary.outcomes("http_reqs", where),
        )
        for where in WHERES
    ] + [summary.notes]


@SETTINGS
@given(RUNS, st.randoms(use_true_random=False))
def test_any_split_over_flushes_and_workers_in_any_order_gives_the_same_summary(run, rng):
    at_once = answers(snapshots_of([(sample, 0, False) for sample, _, _ in run]))
    split = snapshots_of(run)
    assert answers(split) == at_once
    rng.shuffle(split)
    assert answers(split) == at_once


@SETTINGS
@given(RUNS)
def test_the_summary_is_what_filtering_the_samples_by_hand_gives(run):
    summary = Summary(catalogue())
    for snapshot in snapshots_of(run):
        summary.add(snapshot)
    samples = [sample for sample, _, _ in run]
    picked = {
        (): [s for s in samples if s[0] != 3],
        (("scenario", "main"),): [s for s in samples if s[0] in {0, 1}],
        (("step", "look"),): [s for s in samples if s[0] in {0, 2}],
        (("group", "shop"),): [s for s in samples if s[0] in {0, 1}],
        (("stage", "peak"),): [s for s in samples if s[0] != 3 and s[1] == 2],
        (("scenario", "setup"),): [s for s in samples if s[0] == 3],
    }
    for where, those in picked.items():
        expected = Histogram.of([duration for _, _, _, duration, _ in those])
        assert all_of(summary.trend("http_req_duration", where)) == all_of(expected)
        failed = sum(outcome != "ok" for _, _, outcome, _, _ in those)
        rate = summary.rate("http_req_failed", where)
        assert (rate.yes, rate.total) == (failed, len(those))


@SETTINGS
@given(RUNS, st.randoms(use_true_random=False))
def test_the_timeline_does_not_depend_on_the_order_of_workers(run, rng):
    def seconds(snapshots):
        timeline = Timeline()
        for snapshot in snapshots:
            timeline.add(snapshot)
        timeline.close()
        trends = {
            (key, at): all_of(timeline.trend(key[0], at, at + 1, [key[1]]))
            for key in timeline.trends
            for at in range(timeline.newest + 1)
        }
        counts = {
            key: (column.total.tolist(), column.yes.tolist())
            for key, column in timeline.counts.items()
        }
        return trends, counts

    snapshots = snapshots_of(run)
    expected = seconds(snapshots)
    rng.shuffle(snapshots)
    assert seconds(snapshots) == expected
    requests = [sum(total) for key, (total, _) in expected[1].items() if key[0] == "http_reqs"]
    assert sum(requests) == len(run)
