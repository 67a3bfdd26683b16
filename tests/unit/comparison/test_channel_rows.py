"""Channels in comparisons: what gets lost and what takes longer is found."""

from __future__ import annotations

import pytest

from tests.helpers.channel_result import KINDS, with_channels
from tests.helpers.compared_results import make_result, sided
from wedload.comparison.compare import compare
from wedload.comparison.model import Settings
from wedload.comparison.rows import details_of, rows_of
from wedload.results.model import Result

NAMES = [
    "channel notices delivered", "channel notices p50", "channel notices p95",
    "channel guests delivered", "channel guests p50", "channel guests p95",
    "channel guests last subscriber p95",
]  # fmt: skip


def made(seed, **channels):
    steps = {"look": 40.0}
    plain = make_result(seed=seed, steps=steps, per_s=8.0, steady=True)
    return with_channels(plain, **{"per_s": 60.0, "lost": 0.0, "seed": seed} | channels)


def rows_between(base, current, settings=None):
    found = compare(sided("base", base), sided("current", current), settings or Settings())
    return found, {row.name: row for row in found.rows}


def test_each_channel_has_rows_for_what_came_and_how_soon():
    one = made(1)

    names = [row.name for row in rows_of([one], [one]) if row.name.startswith("channel ")]

    assert names == NAMES
    details = [row.name for row in details_of([one], [one]) if row.name.startswith("channel ")]
    assert details == ["channel notices p99", "channel guests p99"]


def test_a_build_that_loses_webhooks_is_a_regression():
    found, rows = rows_between(made(1), made(2, lost=0.004))

    row = rows["channel notices delivered"]
    assert (found.outcome, row.outcome) == ("regression", "regression")
    assert (row.base, row.worse) == (1.0, "lower")
    assert row.current == pytest.approx(0.996, abs=0.0015)
    assert row.change is not None
    assert row.change < 0


def test_a_tenth_of_a_point_more_that_is_lost_is_let_pass_and_half_a_point_is_not():
    _, rows = rows_between(made(1), made(2))

    row = rows["channel notices delivered"]
    assert row.margin == pytest.approx(0.001)
    assert row.outcome == "no-regression"
    assert rows["look failures"].margin == pytest.approx(0.005)


def test_a_build_that_delivers_later_is_a_regression():
    found, rows = rows_between(made(1), made(2, slower=1.3))

    assert found.outcome == "regression"
    for name in ("channel notices p95", "channel guests p50", "channel guests p95"):
        assert rows[name].outcome == "regression", name
        assert rows[name].change == pytest.approx(0.3, abs=0.1)


def test_exact_values_of_channels_are_those_of_their_histograms():
    one = made(1)

    _, rows = rows_between(one, made(2))

    trend = one.channels[0].metrics["webhook_delivery_duration"]
    assert rows["channel notices p95"].base == pytest.approx(trend.p95, rel=1e-6)


def test_few_messages_show_that_many_are_lost_and_never_that_few_are():
    _, rows = rows_between(made(1, per_s=2.0), made(2, per_s=2.0))
    assert rows["channel notices delivered"].outcome == "not-decided"
    assert "too few samples" in (rows["channel notices delivered"].reason or "")

    _, rows = rows_between(made(1, per_s=2.0), made(2, per_s=2.0, lost=0.3))
    assert rows["channel notices delivered"].outcome == "regression"


def test_of_many_runs_what_channels_deliver_is_among_the_rows_that_are_decided():
    sides = [[made(seed + 10 * side, lost=0.004 * side, kinds={"notices": "webhook"})
              for seed in range(5)] for side in (0, 1)]  # fmt: skip

    found = compare(sided("base", *sides[0]), sided("current", *sides[1]), Settings())

    rows = {row.name: row for row in found.rows}
    assert found.method == "ranks"
    assert rows["channel notices delivered"].outcome == "regression"


def test_results_of_a_version_without_channels_have_no_such_rows():
    old = make_result(seed=1, steps={"look": 40.0})

    assert not [row for row in rows_of([old], [old]) if row.name.startswith("channel ")]


def test_a_channel_that_only_one_side_has_is_told_of():
    plain = make_result(seed=1, steps={"look": 40.0}, per_s=8.0, steady=True)
    assert isinstance(plain, Result)

    _, rows = rows_between(made(1, kinds={"notices": KINDS["notices"]}), plain)

    assert rows["channel notices p95"].outcome == "inconclusive"
