"""The tables of verbs agree: what a plan may say is compiled, and what is compiled is driven."""

from __future__ import annotations

from importlib import import_module

import pytest

from wedload.engine.verbs import DRIVERS
from wedload.plan.metric_table import METRICS
from wedload.plan.verbs import SAMPLED, TO_COME, VERBS
from wedload.workload.verbs import COMPILERS


def test_every_verb_of_a_plan_is_compiled_and_no_other():
    assert sorted(COMPILERS) == sorted(VERBS)
    assert not TO_COME.keys() & VERBS.keys()


def test_every_verb_with_samples_has_drivers():
    # an http step with routes is a pair
    assert {step.verb for step in SAMPLED} <= DRIVERS.keys() <= VERBS.keys() | {"pair"}


@pytest.mark.parametrize("name", sorted(set(DRIVERS.values())))
def test_drivers_are_where_the_table_says_and_can_be_opened_asked_and_closed(name):
    module, _, kind = name.partition(":")
    drivers = getattr(import_module(module), kind)

    assert all(callable(getattr(drivers, what)) for what in ("open", "driver", "close"))


@pytest.mark.parametrize("step", SAMPLED, ids=lambda step: step.verb)
def test_what_counts_judges_and_times_a_verbs_samples_are_its_metrics(step):
    own = {one.name: one.kind for one in step.metrics}
    measured = step.measured

    kinds = [own.get(name) for name in (measured.count, measured.failed, measured.duration)]
    assert kinds == ["counter", "rate", "trend"]
    assert METRICS[measured.failed].counted == measured.count
