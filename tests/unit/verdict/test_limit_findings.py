"""What is said of a run whose requests were limited, by the target or by its highest rate."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.verdict.collected import Collected
from wedload.verdict.limit_findings import Cap, bound_by, limit_findings


def seen(*, requests=1_000, limited=0, waits=0, held_s=()):
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    series = catalogue.add_series(Series("main", "visit", "look", verb="http"))
    counts = {
        CellKey(series, "http_reqs", phase, "ok"): requests,
        CellKey(series, "http_limited", phase, ""): limited,
        CellKey(series, "rate_limit_waits", phase, ""): waits,
        CellKey(series, "dropped_iterations", phase, ""): 5,
    }
    held = Histogram.of([round(one * NS_PER_S) for one in held_s])
    trends = {CellKey(series, "max_rate_wait", phase, ""): held} if held_s else {}
    return catalogue, Snapshot(0, 0, trends, counts)


def summary(**what):
    catalogue, snapshot = seen(**what)
    found = Summary(catalogue)
    found.add(snapshot)
    return found


@pytest.mark.parametrize(("limited", "said"), [(0, False), (10, False), (11, True), (1_000, True)])
def test_more_than_one_in_a_hundred_makes_it_a_limited_target(limited, said):
    kinds = [one.kind for one in limit_findings(summary(limited=limited), None)]
    assert kinds == (["rate-limited"] if said else [])


def test_it_says_what_the_figures_are_and_what_users_did():
    (obeyed,) = limit_findings(summary(limited=120, waits=120), None)
    assert obeyed.message.startswith(
        "The target limited 12 % of the requests, and virtual users waited, as they were told: "
    )
    assert not obeyed.invalidates
    (probed,) = limit_findings(summary(limited=120), None)
    assert "nobody waited, as the plan says" in probed.message


def test_a_highest_rate_that_is_enough_is_not_spoken_of():
    many = [0.9] * 95 + [0.99] * 5
    assert list(limit_findings(summary(held_s=many), Cap(500, 2, arrivals=True))) == []
    assert list(limit_findings(summary(held_s=[40.0] * 100), Cap(0.5, 2, arrivals=True))) == []


def test_a_rate_that_it_keeps_from_being_reached_makes_the_run_invalid():
    found = summary(held_s=[0.5] * 97 + [7.0] * 3)
    (said,) = limit_findings(found, Cap(500, 2, arrivals=True))
    assert said.kind == "max-rate"
    assert said.invalidates
    assert said.message.startswith("The target's max_rate of 500/s held requests back, for 69.5 s ")
    assert "the rate that the plan asks for was not reached" in said.message


def test_virtual_users_that_it_holds_back_are_only_told_of():
    (said,) = limit_findings(summary(held_s=[7.0] * 10), Cap(500, 2, arrivals=False))
    assert not said.invalidates


def test_what_it_held_back_is_why_iterations_were_dropped():
    catalogue, snapshot = seen(held_s=[7.0] * 10)
    for per_s, why in ((500.0, "the target's max_rate held those back"), (None, "no virtual user")):
        collected = Collected.of(
            catalogue, {}, workers=1, schedule_s=10, arrivals=True, max_rate_per_s=per_s
        )
        collected.add(snapshot)
        _, verdict = collected.judged((), load_s=10.0)
        (dropped,) = [one for one in verdict.findings if one.kind == "dropped"]
        assert why in dropped.message
        assert ("max-rate" in [one.kind for one in verdict.findings]) == (per_s is not None)


def test_without_a_highest_rate_nothing_is_bound_by_it():
    assert not bound_by(summary(held_s=[7.0]), None)
    assert Cap(500, 2, arrivals=True).long_ns == 1_000 * NS_PER_MS
