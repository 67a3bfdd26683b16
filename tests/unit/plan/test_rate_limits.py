"""Rate limits as a plan speaks of them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from wedload.plan.rate import Rate
from wedload.plan.rate_limits import joins_within, lower_rate, max_rate_per_s, obeys_limits


@pytest.mark.parametrize(
    ("written", "per_s"), [('"500/s"', 500), ('"600/1m"', 10), ("5", 5), ("0.5", Fraction(1, 2))]
)
def test_a_highest_rate_is_one_by_the_second(load, valid, written, per_s):
    plan = load(valid.replace("sandbox = true", f"sandbox = true\nmax_rate = {written}")).plan
    assert max_rate_per_s(plan.targets["sandbox"]) == per_s


def test_a_target_has_none_unless_it_says_so(load, valid):
    assert max_rate_per_s(load(valid).plan.targets["sandbox"]) is None


@pytest.mark.parametrize(
    ("per_s", "owners", "lower"),
    [(None, None, None), (5.0, None, 5.0), (None, Fraction(7), 7.0), (5.0, Fraction(7), 5.0),
     (9.0, Fraction(7), 7.0)],
)  # fmt: skip
def test_of_what_a_plan_and_an_owner_say_the_lower_counts(per_s, owners, lower):
    assert lower_rate(per_s, owners) == lower


@pytest.mark.parametrize(
    ("own", "defaults", "obeys"),
    [("", "", True), ("", "probe", False), ("obey", "probe", True), ("probe", "", False)],
)
def test_a_step_says_more_than_the_plan(load, valid, own, defaults, obeys):
    text = f'{valid}rate_limits = "{own}"\n' if own else valid
    if defaults:
        text += f'[http]\nrate_limits = "{defaults}"\n'
    plan = load(text).plan
    assert obeys_limits(plan.workflows["visit"][0], plan.http) is obeys


@pytest.mark.parametrize(
    ("joins", "most", "channels", "per_s"),
    [("100/s", None, 3, 100), ("100/s", 60.0, 3, 20), ("10/s", 60.0, 3, 10), (0, 60.0, 3, 20),
     (0, None, 1, 0), ("100/s", 0.5, 1, Fraction(1, 2))],
)  # fmt: skip
def test_subscribers_share_a_highest_rate(joins, most, channels, per_s):
    assert joins_within(Rate.parse(joins), most, channels).per_s(10**9) == per_s
