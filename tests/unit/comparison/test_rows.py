"""Which rows two sides are compared by, of steps of any verb."""

from __future__ import annotations

import pytest

from wedload.comparison.model import Settings
from wedload.comparison.ranked import ranked_rows
from wedload.comparison.rows import details_of, rows_of
from wedload.results.model import Result

OTHERS = {
    "http_req_duration": "knock_duration", "http_req_failed": "knock_failed", "http_reqs": "knocks",
}  # fmt: skip
STEPS = {"look": 40.0, "buy": 90.0}


def knocks(text):
    """What is said of requests, said of knocks."""
    for theirs, ours in OTHERS.items():
        text = text.replace(theirs, ours)
    return text


def of_knocks(made):
    return Result.model_validate_json(knocks(made.model_dump_json(by_alias=True)))


def asked(rows):
    return [
        (one.name, one.metric, one.kind, one.worse, one.unit, one.aggregation, one.base)
        for one in rows
    ]


@pytest.mark.usefixtures("knocking")
def test_steps_of_another_verb_have_the_rows_that_requests_have(result):
    sides = [[result(seed=seed, seconds=6, steps=STEPS)] for seed in (1, 2)]
    others = [[of_knocks(one) for one in side] for side in sides]

    for rows in (rows_of, details_of):
        expected = [(name, knocks(metric), *more) for name, metric, *more in asked(rows(*sides))]
        assert asked(rows(*others)) == expected
    assert {one.metric for one in rows_of(*others)} >= set(OTHERS.values())


@pytest.mark.usefixtures("knocking")
def test_step_of_another_verb_that_never_took_time_still_has_its_failures(result):
    made = of_knocks(result(seed=1, seconds=6, steps={"look": 40.0}, failing={"look": 1.0}))
    made = made.model_copy(update={"series": made.series.model_copy(update={"trends": []})})

    failures = [one for one in rows_of([made], [made]) if one.name == "look failures"]

    assert [(one.metric, one.base[0].series) for one in failures] == [("knock_failed", (0,))]


@pytest.mark.usefixtures("knocking")
def test_throughputs_of_two_verbs_are_two_rows(result):
    made = result(seed=1, seconds=6, steps=STEPS)
    counters = [
        one.model_copy(update={"metric": "knocks"}) if one.step == "buy" else one
        for one in made.series.counters
    ]
    made = made.model_copy(update={"series": made.series.model_copy(update={"counters": counters})})

    names = {one.name: one.metric for one in rows_of([made], [made]) if one.kind == "throughput"}

    assert names == {"throughput of http_reqs": "http_reqs", "throughput of knocks": "knocks"}


@pytest.mark.usefixtures("knocking")
def test_many_runs_are_compared_by_the_steps_of_any_verb(result):
    made = [of_knocks(result(seed=n, seconds=6, steps={"look": 40.0})) for n in range(10)]

    rows = ranked_rows(made[:5], made[5:], Settings())

    assert "look p95" in {row.name for row in rows}
