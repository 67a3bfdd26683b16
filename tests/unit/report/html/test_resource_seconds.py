"""Resources by second, as charts take them."""

from __future__ import annotations

import numpy as np

from tests.helpers.sample_result import sample_result
from tests.helpers.watched import level, watched, with_resources
from wedload.report.html.resource_seconds import levels_of
from wedload.results.resources_model import Resource


def test_every_quantity_has_its_levels_with_gaps_where_nothing_was_sampled():
    result = with_resources(sample_result(scale=0.1))

    found = {(one.resource, one.quantity): one for one in levels_of(result)}

    assert set(found) == {
        (one.name, of.quantity) for one in watched() for of in one.figures
    }  # fmt: skip
    cpu = found["api", "cpu"]
    assert cpu.levels.size == len(result.series.second)
    assert np.isnan(cpu.levels[0])
    assert not np.isnan(cpu.levels[1:]).any()
    assert (cpu.unit, cpu.capacity, cpu.kind) == ("ratio", 2.0, "process")


def test_levels_of_more_or_fewer_seconds_than_the_run_are_cut_or_left_open():
    result = sample_result(scale=0.1)
    length = len(result.series.second)
    for values in ([1.0] * (length + 5), [1.0] * 3):
        resource = Resource(name="a", kind="process", what="", figures=[level("cpu", values)])

        (found,) = levels_of(with_resources(result, [resource]))

        assert found.levels.size == length
        assert np.nansum(found.levels) == min(length, len(values))
