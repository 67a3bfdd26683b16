"""Which seconds a row is estimated from: those that say something about it."""

from __future__ import annotations

import pytest

from wedload.comparison.compare import compare
from wedload.comparison.model import Settings

SLOW = {"submit form": 400.0}


def with_more_seconds(result, more):
    """The same run, at whose end one request hung for so long."""
    data = result.model_dump(mode="json", by_alias=True)
    series = data["series"]
    series["second"] = list(range(len(series["second"]) + more))
    series["vus"] += [0] * more
    for one in (*series["counters"], *series["rates"]):
        for column in one.keys() & {"count", "yes", "total"}:
            one[column] += [0] * more
    for one in series["trends"]:
        for column in ("p50", "p95", "histograms"):
            one[column] += [None] * more
    data["run"]["duration_s"] += more
    return type(result).model_validate(data)


def test_what_drains_after_the_schedule_is_no_lower_throughput(result, side):
    base, current = result(seed=1), with_more_seconds(result(seed=2), 28)

    made = compare(side("base", base), side("current", current), Settings())

    row = next(row for row in made.rows if row.name == "throughput")
    assert row.change == pytest.approx(0.0, abs=0.02)
    assert made.outcome == "no-regression"


def test_seconds_without_a_sample_do_not_make_a_step_less_sure(result, side):
    """A scenario that begins with the run and ends long before it."""
    alone = {"stages": (None,), "first_s": {"submit form": 60}}
    sides = [
        side(str(seed), result(seed=seed, seconds=540, steady=True, **alone)) for seed in (1, 2)
    ]

    made = compare(*sides, Settings())

    row = next(row for row in made.rows if row.name == "submit form p50")
    assert row.interval is not None
    assert row.interval[1] - row.interval[0] < 0.1


def warming_up(result, seed, seconds):
    """A run whose first minute is slower by half, in one steady stage."""
    made = [
        result(seed=seed, seconds=seconds, stages=("hold",), steady=True, steps=SLOW, slower=slower)
        for slower in ({}, dict.fromkeys(SLOW, 1.5))
    ]
    data, cold = (one.model_dump(mode="json", by_alias=True) for one in made)
    for one, other in zip(data["series"]["trends"], cold["series"]["trends"], strict=True):
        one["histograms"][:60] = other["histograms"][:60]
    return type(made[0]).model_validate(data | {"histograms": []})


def test_what_is_too_short_is_told_a_length_that_does_not_grow_with_the_run(result, side):
    """Blocks of a longer run are longer: twice the blocks take more than twice the run."""
    needed = []
    for seconds in (400, 800):
        sides = [side(str(seed), warming_up(result, seed, seconds)) for seed in (1, 2)]
        (row,) = (row for row in compare(*sides, Settings()).rows if row.name == "submit form p50")
        assert row.reason is not None
        assert row.reason.startswith("too short")
        needed.append(row.needed_s)

    assert needed[0] == pytest.approx(needed[1], rel=0.25)
