from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.analysed_results import (
    FORM,
    HEALTHY,
    SEARCH,
    Platform,
    analysed_result,
    healthy,
)
from wedload.analysis.course import course_of
from wedload.analysis.split import REST, PartKey, is_database, is_pool, split_of
from wedload.analysis.stretches import slots_of

HOLD = [("hold", 60, 40, 40)]


def split(platform=None, **changes):
    result = analysed_result(platform or Platform(healthy, stages=HOLD), **changes)
    course = course_of(result)
    return split_of(result, course, slots_of(result, course.seconds))


def means(found, steps=None):
    made = found.means(np.ones(found.told.shape[1]), found.rows(steps))
    return float(made.mean_ms), dict(zip(found.keys, made.parts_ms.tolist(), strict=True))


def test_parts_are_what_was_put_in():
    mean, parts = means(split(), {("main", "visit", SEARCH)})
    assert mean == pytest.approx(sum(HEALTHY[SEARCH].values()), rel=0.05)
    assert parts[PartKey("postgresql", "SELECT suppliers")] == pytest.approx(3.0, rel=0.1)
    assert parts[PartKey("sandbox", "POST /api/forms/submit")] == 0.0


def test_what_no_span_covers_is_the_network_and_queues_before_it():
    _, parts = means(split())
    assert parts[PartKey(REST["traces"])] == pytest.approx(0.6, rel=0.35)


def test_parts_add_up_to_the_mean():
    mean, parts = means(split())
    assert sum(parts.values()) == pytest.approx(mean, rel=1e-9)


def test_a_step_is_weighted_by_its_requests_and_not_by_its_traces():
    """Half of what one step's traces tell is lost: the mix of parts stays."""
    whole = analysed_result(Platform(healthy, stages=HOLD))
    data = whole.traces.model_dump()
    for one in [*data["steps"], *data["operations"]]:
        if one["step"] == FORM and one["slot"] % 2:
            for key in ("root_ms", "critical_ms", "self_ms", "count"):
                one[key] = 0 if key in one else None
    data["steps"] = [
        {k: v for k, v in one.items() if v is not None} for one in data["steps"] if one["count"]
    ]
    data["operations"] = [
        {k: v for k, v in one.items() if v is not None}
        for one in data["operations"]
        if one["count"]
    ]
    _, less = means(split(traces=data))
    _, all_of_it = means(split())
    for key in less:
        assert less[key] == pytest.approx(all_of_it[key], rel=0.15, abs=0.05)


def test_the_home_of_requests_is_the_service_of_their_roots():
    assert split().home == "sandbox"


def test_resamples_are_as_many_sets_of_weights_at_once():
    found = split()
    rows, size = found.rows(None), found.told.shape[1]
    some = np.zeros((size, 2))
    some[:3, 0], some[3:, 1] = 1.0, 1.0
    both = found.means(some, rows)
    for place in (0, 1):
        one = found.means(some[:, place], rows)
        assert both.mean_ms[place] == pytest.approx(float(one.mean_ms))
        assert both.parts_ms[:, place] == pytest.approx(one.parts_ms)


def test_server_timing_tells_where_there_are_no_spans():
    step = {"scenario": "main", "workflow": "visit", "step": SEARCH}
    entries = [
        {"slot": slot, **step, "name": name, "count": count, "sum_ms": each * count}
        for slot in range(30)
        for name, count, each in (("db", 10, 3.0), ("cache", 5, 1.0), ("total", 10, 4.0))
    ]
    traces = {
        "share": 0.0, "requests": 0, "traces": 0, "spans": 0, "slot_s": 2.0,
        "slots_s": [2.0 * at for at in range(30)], "server_timing": entries,
    }  # fmt: skip
    found = split(traces=traces)
    mean, parts = means(found)
    assert found.source == "server-timing"
    assert parts[PartKey("db")] == pytest.approx(3.0)
    assert parts[PartKey("cache")] == pytest.approx(0.5)  # half of the responses had it
    assert PartKey("total") not in parts
    assert parts[PartKey(REST["server-timing"])] == pytest.approx(mean - 3.5)


def test_nothing_tells_without_traces_and_third_parties():
    assert split(traces=None) is None


@pytest.mark.parametrize(
    "name",
    ["postgresql", "PostgreSQL", "sqlite", "mysql-primary", "db", "Redis", "orders database"],
)
def test_databases_are_known_by_their_names(name):
    assert is_database(name)


@pytest.mark.parametrize(
    "name", ["sandbox", "dbx-proxy", "google-calendar", "email", "redistribution"]
)
def test_other_services_are_none(name):
    assert not is_database(name)


@pytest.mark.parametrize(
    "name", ["wait for a connection", "pool.acquire", "HikariPool pending", "check out connection"]
)
def test_waiting_for_a_connection_is_known_by_its_name(name):
    assert is_pool(name)


@pytest.mark.parametrize("name", [None, "", "GET /connections", "wait for the batch", "connect"])
def test_other_operations_are_none(name):
    assert not is_pool(name)
