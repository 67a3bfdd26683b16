"""What is decided follows from bounds, and Holm's procedure is the one in the book."""

from __future__ import annotations

import math

import pytest

from wedload.statistics.decide import decide, too_short_together
from wedload.statistics.model import Estimate, TooShort

MARGIN = math.log(1.05)


def estimate(effect, deviation=0.01, degrees=38.0, up=None):
    return Estimate(1.0, math.exp(effect), effect, deviation, degrees, 20, 3, up)


@pytest.mark.parametrize(
    ("effect", "deviation", "outcome"),
    [
        (0.0, 0.01, "no-regression"),
        (0.10, 0.01, "regression"),
        (0.05, 0.01, "inconclusive"),
        (0.0, 0.10, "inconclusive"),
        (0.10, 0.0, "regression"),
        (0.0, 0.0, "no-regression"),
        (MARGIN, 0.0, "inconclusive"),
        (-3.0, 0.5, "no-regression"),
    ],
)
def test_a_single_row_is_decided_by_its_bounds(effect, deviation, outcome):
    (found,) = decide([(estimate(effect, deviation), MARGIN)])
    assert found.outcome == outcome
    assert found.level == pytest.approx(0.95)


def test_bounds_and_p_are_those_of_students_t():
    (found,) = decide([(estimate(0.08, 0.01, 38.0), MARGIN)])
    assert found.low == pytest.approx(0.08 - 1.685954 * 0.01, abs=1e-8)
    assert found.high == pytest.approx(0.08 + 1.685954 * 0.01, abs=1e-8)
    assert found.p == pytest.approx(0.001653, abs=2e-4)


def test_levels_are_holms_and_stop_at_the_first_row_that_is_not_rejected():
    rows = [(estimate(effect), MARGIN) for effect in (0.2, 0.0, 0.15, 0.07, 0.068)]
    found = decide(rows)
    assert [row.level for row in found] == pytest.approx(
        [1 - 0.05 / 5, 1 - 0.05 / 3, 1 - 0.05 / 4, 1 - 0.05 / 3, 1 - 0.05 / 3]
    )
    assert [row.outcome for row in found] == [
        "regression", "no-regression", "regression", "inconclusive", "inconclusive",
    ]  # fmt: skip


def test_a_row_that_would_do_alone_is_not_rejected_behind_one_that_would_not():
    one = estimate(MARGIN + 0.0175)
    assert decide([(one, MARGIN)])[0].outcome == "regression"
    assert decide([(one, MARGIN), (one, MARGIN)])[0].outcome == "inconclusive"


def test_claims_of_no_regression_are_not_corrected():
    one = (estimate(MARGIN - 0.0175), MARGIN)
    assert {row.outcome for row in decide([one] * 12)} == {"no-regression"}


def test_a_longer_run_as_long_as_said_decides():
    for effect in (0.06, 0.03):
        (found,) = decide([(estimate(effect, 0.02), MARGIN)])
        assert found.outcome == "inconclusive"
        assert found.longer > 1
        for times, decided in ((found.longer * 1.01, True), (found.longer * 0.99, False)):
            (again,) = decide([(estimate(effect, 0.02 / math.sqrt(times)), MARGIN)])
            assert (again.outcome != "inconclusive") is decided


def test_no_length_is_promised_where_none_would_do():
    assert decide([(estimate(MARGIN), MARGIN)])[0].longer is None
    assert decide([(estimate(MARGIN + 1e-4), MARGIN)])[0].longer is None
    assert decide([(estimate(0.2), MARGIN)])[0].longer is None


def test_a_deviation_of_its_own_upward_widens_the_upper_bound_only():
    (narrow,) = decide([(estimate(0.0, 0.01), MARGIN)])
    (wide,) = decide([(estimate(0.0, 0.01, up=0.03), MARGIN)])
    assert wide.low == narrow.low
    assert wide.high == pytest.approx(3 * narrow.high)


@pytest.mark.parametrize(
    ("short", "rows", "expected"),
    [(0, 10, False), (2, 10, False), (3, 10, True), (1, 4, False), (1, 3, True), (0, 0, False)],
)
def test_runs_are_too_short_if_more_than_a_quarter_of_their_rows_are(short, rows, expected):
    one = TooShort(1.0, 1.0, 0.0, 8, 20, 7)
    found = [one] * short + [estimate(0.1)] * (rows - short)
    assert too_short_together(found) is expected


def test_no_rows_are_no_decisions():
    assert decide([]) == []


def test_an_alpha_out_of_range_is_refused():
    with pytest.raises(ValueError, match="alpha"):
        decide([], alpha=1.0)
