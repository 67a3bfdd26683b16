"""What is said of a run whose requests were limited, by the target or by its highest rate."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.units import NS_PER_S
from wedload.verdict.collected import Collected
from wedload.verdict.limit_findings import Cap, bound_by, limit_findings


def seen(*, requests=1_000, limited=0, waits=0, held_s=(), delay_s=(), late_s=(), took_s=()):
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    series = catalogue.add_series(Series("main", "visit", "look", verb="http"))
    counts = {
        CellKey(series, "http_reqs", phase, "ok"): requests,
        CellKey(series, "http_limited", phase, ""): limited,
        CellKey(series, "rate_limit_waits", phase, ""): waits,
        CellKey(series, "dropped_iterations", phase, ""): 5,
    }
    trends = {
        CellKey(series, metric, phase, ""): Histogram.of([round(one * NS_PER_S) for one in seconds])
        for metric, seconds in (
            ("max_rate_wait", held_s), ("max_rate_delay", delay_s),
            ("iteration_lateness", late_s), ("iteration_duration", took_s),
        )
    }  # fmt: skip
    return catalogue, Snapshot(0, 0, trends, counts)


def summary(**what):
    catalogue, snapshot = seen(**what)
    found = Summary(catalogue)
    found.add(snapshot)
    return found


@pytest.mark.parametrize(("limited", "said"), [(0, False), (10, False), (11, True), (1_000, True)])
def test_more_than_one_in_a_hundred_makes_it_a_limited_target(limited, said):
    kinds = [one.kind for one in limit_findings(summary(limited=limited), None, 10)]
    assert kinds == (["rate-limited"] if said else [])


def test_it_says_what_the_figures_are_and_what_users_did():
    (obeyed,) = limit_findings(summary(limited=120, waits=120), None, 10)
    assert obeyed.message.startswith(
        "The target limited 12 % of the requests, and virtual users waited, as they were told: "
    )
    assert not obeyed.invalidates
    (probed,) = limit_findings(summary(limited=120), None, 10)
    assert "nobody waited, as the plan says" in probed.message


OPEN = Cap(500, 2, arrivals=True)
CLOSED = Cap(500, 2, arrivals=False)


@pytest.mark.parametrize(
    ("cap", "what", "load_s"),
    [
        (OPEN, {"held_s": [0.02] * 99, "delay_s": [0.9] * 99}, 10),
        (OPEN, {"held_s": [0.02] * 99, "delay_s": [5.0] * 99}, 600),  # 12 s are 2 % of it
        (OPEN, {"held_s": [0.02] * 99, "delay_s": [0.1] * 98 + [7.0]}, 10),
        (OPEN, {"held_s": [0.001] * 99, "late_s": [20.0] * 99, "took_s": [1.0] * 99}, 10),
        (CLOSED, {"held_s": [0.004] * 99, "took_s": [0.1] * 99}, 10),  # each waited its turn
        (CLOSED, {"held_s": [0.1] * 99, "took_s": [6.0] * 99}, 10),
        (None, {"held_s": [7.0]}, 10),
    ],
)
def test_a_highest_rate_that_is_enough_is_not_spoken_of(cap, what, load_s):
    found = summary(**what)
    assert not bound_by(found, cap, load_s)
    assert list(limit_findings(found, cap, load_s)) == []


@pytest.mark.parametrize(
    "what",
    [
        {"held_s": [0.5] * 97 + [7.0] * 3, "delay_s": [1.0] * 90 + [7.0] * 10},
        {"held_s": [0.5] * 97 + [7.0] * 3, "late_s": [3.0] * 99, "took_s": [1.0] * 99},
    ],
    ids=["iterations go on for longer", "they begin later"],
)
def test_a_rate_that_it_keeps_from_being_reached_makes_the_run_invalid(what):
    (said,) = limit_findings(summary(**what), OPEN, 60)
    assert said.kind == "max-rate"
    assert said.invalidates
    assert said.message.startswith("The target's max_rate of 500/s held requests back, for 69.5 s ")
    assert "the rate that the plan asks for was not reached" in said.message
    (said,) = limit_findings(summary(**what), OPEN, 60, aborted=True)
    assert not said.invalidates


@pytest.mark.parametrize(("held_s", "requests"), [(0.1, 1_000), (0.003, 4_800)])
def test_virtual_users_that_it_holds_back_are_only_told_of(held_s, requests):
    """They wait for several turns; or few of them wait in each load process, and use all turns."""
    seen = summary(held_s=[held_s] * 99, took_s=[0.01] * 99, requests=requests)
    (said,) = limit_findings(seen, CLOSED, 10)
    assert not said.invalidates


def test_what_it_held_back_is_why_iterations_were_dropped():
    catalogue, snapshot = seen(held_s=[7.0] * 10, delay_s=[7.0] * 10)
    for per_s, why in ((500.0, "the target's max_rate held those back"), (None, "no virtual user")):
        collected = Collected.of(
            catalogue, {}, workers=1, schedule_s=10, arrivals=True, max_rate_per_s=per_s
        )
        collected.add(snapshot)
        _, verdict = collected.judged((), load_s=10.0)
        (dropped,) = [one for one in verdict.findings if one.kind == "dropped"]
        assert why in dropped.message
        assert ("max-rate" in [one.kind for one in verdict.findings]) == (per_s is not None)
