"""Steps whose answer was a fallback: how many, and how long it took."""

from __future__ import annotations

import json

import pytest

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.report.fallback_words import fallbacks_of_run, fallbacks_of_steps
from wedload.report.final import print_final
from wedload.report.html import tables
from wedload.report.markdown import markdown
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.units import NS_PER_MS

WORDS = "look: 60 of 240 answers were fallbacks (25 %), p95 of these 340 ms"


@pytest.fixture
def run(make):
    run = make(["look", "buy"]).run
    look = next(n for n, one in enumerate(run.summary.catalogue.series) if one.step == "look")
    took = Histogram.of([340 * NS_PER_MS] * 60)
    counts = {CellKey(look, "fallbacks", 1, "used"): 60, CellKey(look, "fallbacks", 1, "not"): 180}
    run.summary.add(Snapshot(0, 1, {CellKey(look, "fallback_duration", 1, ""): took}, counts))
    return run


def test_a_step_that_answered_by_fallbacks_says_how_many_and_how_soon(run):
    assert list(fallbacks_of_run(run.summary)) == [WORDS]


def test_a_result_says_the_same_wherever_it_is_shown(run, console):
    result = Result.model_validate_json(json.dumps(document_of(run)))

    assert list(fallbacks_of_steps(result.steps)) == [WORDS]
    assert f"- {WORDS}" in markdown(result)
    assert f"{WORDS}." in str(tables.steps(result))
    print_final(run, console)
    assert f" {WORDS}\n" in console.export_text()


def test_too_few_fallbacks_have_no_percentile(make):
    run = make().run
    look = next(n for n, one in enumerate(run.summary.catalogue.series) if one.step == "look")
    took = Histogram.of([NS_PER_MS])
    counts = {CellKey(look, "fallbacks", 1, "used"): 1}
    run.summary.add(Snapshot(0, 1, {CellKey(look, "fallback_duration", 1, ""): took}, counts))

    assert list(fallbacks_of_run(run.summary)) == ["look: 1 of 1 answers were fallbacks (100 %)"]


def test_steps_that_never_fell_back_are_not_spoken_of(make):
    assert list(fallbacks_of_run(make().run.summary)) == []
