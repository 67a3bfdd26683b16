"""Rows that burn: when one begins to, and when it has recovered."""

from __future__ import annotations

import pytest

from wedload.plan.benchmark import Requirement
from wedload.verdict.burning import Burning, can_burn
from wedload.verdict.model import Row


def row(status, requirement="http_req_failed: rate < 1%", observed=0.5):
    return Row("a", Requirement.parse(requirement), status, observed, 100, 10, None)


def course(*statuses, **more):
    """The seconds at which the row burns, of one status a second."""
    burning, found = Burning(), []
    for at_s, status in enumerate(statuses):
        burning.look([row(status)], float(at_s), **more)
        if burning.now:
            found.append(at_s)
    return found


@pytest.mark.parametrize(
    ("statuses", "burns"),
    [
        (["missed"] * 5, []),
        (["missed"] * 7, [5, 6]),
        ([*["missed"] * 4, "met", *["missed"] * 5], []),
        ([*["missed"] * 6, *["met"] * 12], list(range(5, 16))),
        ([*["missed"] * 6, *["met"] * 9, "missed", "met"], list(range(5, 17))),
        ([*["missed"] * 6, *["no-data"] * 20], list(range(5, 26))),
        (["insufficient"] * 20, []),
    ],
)
def test_a_row_burns_after_five_seconds_and_recovers_after_ten(statuses, burns):
    assert course(*statuses) == burns


def test_the_row_that_ends_the_load_burns_at_once():
    assert course("missed", aborted="a") == [0]


def test_a_row_with_windows_burns_by_the_last_one():
    burning = Burning()
    assert burning.look([row("missed")], 1.0, {"a": None}) is False  # none could be judged
    assert burning.look([row("met")], 2.0, {"a": row("missed")}) is True
    burning.look([row("missed")], 3.0, {"a": row("met")})  # its worst window stays what it was
    assert burning.look([row("missed")], 13.0, {"a": row("met")}) is True
    assert burning.now == {}


@pytest.mark.parametrize(
    ("requirement", "observed", "can"),
    [
        ("http_req_duration: p95 < 1s", 2.0, True),
        ("checks: rate > 99%", 0.5, True),
        ("http_reqs: count > 1000", 3, False),
        ("http_reqs: rate > 50/s", 3, False),
        ("http_reqs: count < 1000", 3000, True),
        ("http_reqs: count == 10", 3, False),
        ("http_reqs: count == 10", 11, True),
    ],
)
def test_what_is_known_at_the_end_alone_never_burns(requirement, observed, can):
    assert can_burn(row("missed", requirement, observed)) is can
