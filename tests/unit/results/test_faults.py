"""Faults of a result: what the verdict found of each, and what workflows took meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.helpers.broken_run import OUTAGE, broken_run
from wedload.metrics.catalogue import Phase
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.results.document import document_of
from wedload.results.faults import faults_of
from wedload.results.model import Result
from wedload.units import NS_PER_MS
from wedload.verdict.goodput import Amplification, FaultEffect, Goodput

EFFECT = FaultEffect(
    OUTAGE.name, 1.0, 2.0, Goodput(10, 400, 400.0), Goodput(5, 190, 200.0), Goodput(20, 790, 800.0),
    recovered=True, time_to_recover_s=2.0, amplification=Amplification(1.0, 2.5, None),
)  # fmt: skip


def with_effects(run, *effects):
    return replace(run, verdict=replace(run.verdict, faults=effects))


@pytest.fixture
def run(make):
    return broken_run(make()).run


def test_goodput_is_per_second_and_of_what_was_to_be_expected(run):
    (found,) = faults_of(with_effects(run, EFFECT))

    assert found.goodput.before.per_s == 40.0
    assert found.goodput.during.model_dump() == {
        "per_s": 38.0, "expected_per_s": 40.0, "ratio": 0.95,
    }  # fmt: skip
    assert found.goodput.after.ratio == pytest.approx(0.9875)
    assert (found.recovered, found.metastable, found.time_to_recover_s) == (True, False, 2.0)
    assert found.amplification.model_dump() == {"before": 1.0, "during": 2.5, "after": None}


def test_a_platform_that_stayed_broken_is_metastable(run):
    stayed = replace(EFFECT, recovered=False, time_to_recover_s=None)

    (found,) = faults_of(with_effects(run, stayed))

    assert (found.recovered, found.metastable, found.time_to_recover_s) == (False, True, None)


def test_a_stretch_that_there_was_none_of_has_no_figures(run):
    cut = replace(EFFECT, after=None, recovered=None, time_to_recover_s=None, unknown="it ended")

    (found,) = faults_of(with_effects(run, cut))

    assert found.goodput.after.model_dump() == {
        "per_s": None, "expected_per_s": None, "ratio": None,
    }  # fmt: skip
    assert (found.recovered, found.unknown) == (None, "it ended")


def test_too_few_expected_iterations_have_no_ratio(run):
    few = replace(EFFECT, during=Goodput(5, 3, 4.0))

    (found,) = faults_of(with_effects(run, few))

    assert (found.goodput.during.per_s, found.goodput.during.ratio) == (0.6, None)


def test_a_fault_that_nothing_was_found_of_keeps_its_schedule(run):
    (found,) = faults_of(with_effects(run))

    assert (found.name, found.on, found.what) == ("calendar outage", ["calendar"], "down")
    assert (found.begin_s, found.end_s) == (1.0, 2.0)
    assert found.goodput.before.per_s is None


def workflows(made, run, *phases):
    """What began in each phase: its dimensions, how long it took in ms, and how many there were."""
    catalogue = made.workload.catalogue
    visit = next(n for n, one in enumerate(catalogue.series) if one.step is None and one.workflow)
    for others, ms, number in phases:
        phase = catalogue.add_phase(Phase("main", others=others))
        took = Histogram.of([ms * NS_PER_MS] * number)
        run.summary.add(Snapshot(0, 1, {CellKey(visit, "workflow_duration", phase, ""): took}))


def test_workflows_are_told_apart_by_what_was_in_force_when_they_began(make):
    made = make()
    run = broken_run(made).run
    calm = ("fault", "none")
    workflows(
        made, run,
        ((("before_fault", OUTAGE.name), calm), 10, 100),
        ((("fault", OUTAGE.name),), 50, 60),
        ((("after_fault", OUTAGE.name), calm), 20, 3),
    )  # fmt: skip

    (found,) = faults_of(run)

    took = found.workflow_duration
    assert [one.count for one in (took.before, took.during, took.after)] == [100, 60, 3]
    assert [one.p95 for one in (took.before, took.during)] == pytest.approx([10, 50], rel=1e-3)
    assert took.after.p95 is None  # too few to say


def test_what_other_faults_do_is_not_put_down_to_one(make):
    made = make()
    later = OUTAGE.model_copy(update={"name": "slow mail", "begin_s": 4.0, "end_s": 5.0})
    run = broken_run(made, faults=(OUTAGE, later), seconds=6).run
    calm, first, second = ("fault", "none"), OUTAGE.name, later.name
    workflows(
        made, run,
        ((("before_fault", first), ("before_fault", second), calm), 10, 100),
        ((("fault", first), ("before_fault", second)), 500, 60),
        ((("after_fault", first), ("before_fault", second), calm), 20, 70),
        ((("after_fault", first), ("fault", second)), 900, 60),
        ((("after_fault", first), ("after_fault", second), calm), 30, 80),
    )  # fmt: skip

    of_first, of_second = (one.workflow_duration for one in faults_of(run))

    assert (of_first.before.count, of_first.after.count) == (100, 70)
    assert (of_second.before.count, of_second.after.count) == (170, 80)


def test_a_result_has_them_as_they_are_read_again(run):
    result = Result.model_validate_json(json.dumps(document_of(with_effects(run, EFFECT))))

    assert result.faults == faults_of(with_effects(run, EFFECT))
    assert result.run.faults == [OUTAGE]
