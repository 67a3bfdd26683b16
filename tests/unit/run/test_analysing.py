from __future__ import annotations

from tests.helpers import weak_results as weak
from wedload.run import analysing


def test_an_analysis_that_fails_says_so_and_costs_nothing(monkeypatch):
    def broken(result):
        raise ZeroDivisionError("nothing in flight")

    monkeypatch.setattr(analysing, "analyse", broken)
    found = analysing.analysis_of(weak.sound())
    assert found.verdict == (
        "what gives way cannot be said: the analysis failed (ZeroDivisionError: nothing in flight)"
    )
    assert found.levels == []


def test_a_result_without_one_gets_one_and_one_that_has_keeps_it():
    made = analysing.with_analysis(weak.sound())
    assert made.analysis.verdict.startswith("no bottleneck")
    assert analysing.with_analysis(made) is made


def test_a_result_that_can_be_analysed_is():
    assert analysing.analysis_of(weak.sound()).verdict.startswith("no bottleneck")
