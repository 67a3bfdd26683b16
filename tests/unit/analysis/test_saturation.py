from __future__ import annotations

import pytest

from tests.helpers import weak_results as weak
from tests.helpers.analysed_results import figures, resource
from wedload.analysis.course import course_of
from wedload.analysis.saturation import saturated_of

SECONDS = len(weak.VUS)


def saturated(*resources):
    result = weak.sound(resources=list(resources))
    return saturated_of(result, course_of(result))


def cpu(values, capacity=4.0):
    return figures("cpu", values, "ratio", capacity)


def steps(at, before, after):
    return [before] * at + [after] * (SECONDS - at)


def test_a_resource_is_full_from_where_it_stays_full():
    (found,) = saturated(resource("db", "process", "postgres", cpu(steps(30, 1.0, 3.9))))
    assert (found.resource, found.at_s, found.level) == ("db", 30.0, pytest.approx(0.975))
    assert found.vus == pytest.approx(28, abs=3)
    assert found.rate_per_s == pytest.approx(55, abs=8)


def test_a_burst_of_four_seconds_is_none():
    values = steps(30, 1.0, 1.0)
    values[30:34] = [4.0] * 4
    assert saturated(resource("db", "process", "postgres", cpu(values))) == []


def test_a_sample_that_is_missing_ends_no_stretch_and_several_do():
    values = steps(30, 1.0, 1.0)
    values[30:36] = [3.9, 3.9, None, 3.9, 3.9, 3.9]
    (found,) = saturated(resource("db", "process", "postgres", cpu(values)))
    assert found.at_s == 30.0
    values[30:36] = [3.9, 3.9, None, None, 3.9, 3.9]
    assert saturated(resource("db", "process", "postgres", cpu(values))) == []


@pytest.mark.parametrize("every", [2, 5, 10])
def test_resources_that_are_sampled_seldom_are_full_all_the_same(every):
    values = [one if n % every == every - 1 else None for n, one in enumerate(steps(30, 1.0, 3.9))]
    (found,) = saturated(resource("db", "process", "postgres", cpu(values)))
    assert (found.at_s, found.level) == (30.0, pytest.approx(0.975))


def test_one_sample_shows_nothing_that_lasts():
    values = [None] * SECONDS
    values[30] = 3.9
    assert saturated(resource("db", "process", "postgres", cpu(values))) == []
    values[9::10] = [1.0] * len(values[9::10])
    values[39] = 3.9
    values[30] = None
    assert saturated(resource("db", "process", "postgres", cpu(values))) == []


def test_they_come_in_the_order_in_which_they_were_full():
    late = resource(
        "late", "cgroup", "x", figures("connections", steps(40, 1.0, 9.9), "count", 10.0)
    )
    early = resource("early", "cgroup", "y", cpu(steps(20, 1.0, 3.9)))
    assert [one.resource for one in saturated(late, early)] == ["early", "late"]


def test_a_process_that_stays_at_one_core_of_several_is_at_its_limit():
    alone = figures("processes", [1.0] * SECONDS)
    (found,) = saturated(resource("api", "process", "node", cpu(steps(30, 0.4, 0.98)), alone))
    assert found.one_core
    assert found.level == pytest.approx(0.98)


def test_several_processes_or_a_whole_machine_at_one_core_are_not():
    many = figures("processes", [4.0] * SECONDS)
    full = cpu(steps(30, 0.4, 0.98))
    assert saturated(resource("db", "process", "postgres", full, many)) == []
    assert saturated(resource("api", "cgroup", "/api", full)) == []


def test_a_process_that_gets_beyond_one_core_has_no_limit_there():
    values = steps(30, 0.4, 0.98)
    values[-1] = 1.9
    assert saturated(resource("api", "process", "java", cpu(values))) == []


def test_what_has_no_capacity_or_slows_nothing_by_being_full_is_left_out():
    load = figures("load", steps(10, 1.0, 9.0), "number", 4.0)
    memory = figures("memory", steps(10, 1.0, 9.0), "bytes", 9.0)
    free = figures("sessions", steps(10, 1.0, 99.0))
    assert saturated(resource("m", "cgroup", "", load, memory, free)) == []
