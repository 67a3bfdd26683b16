"""How much of a run was limited, in words."""

from __future__ import annotations

import json

import pytest

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.report.final import print_final
from wedload.report.html import tables
from wedload.report.limit_words import limit_words
from wedload.report.markdown import markdown
from wedload.results.document import document_of
from wedload.results.limits_model import RateLimits
from wedload.results.model import Result
from wedload.units import NS_PER_S

NOTHING = {
    "limited": 0, "requests": 1_000, "ratio": 0.0, "waits": 0, "waited_s": 0.0, "vu_share": 0.0,
}  # fmt: skip


OF_1000 = "of 1,000 requests were limited"
AS_TOLD = "for it, as they were told"
NOWHERE = "which is in no request's duration"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, ""),
        ({"max_rate_per_s": 500.0}, ""),
        (
            {"limited": 120, "ratio": 0.12, "waits": 120, "waited_s": 34.0, "vu_share": 0.056},
            f"120 {OF_1000} (12 %); VUs waited 34.0 s (5.6 % of their time) {AS_TOLD}",
        ),
        (
            {"limited": 1, "ratio": 0.001, "waits": 1, "waited_s": 1.0, "vu_share": None},
            f"1 {OF_1000} (0.1 %); VUs waited 1.00 s {AS_TOLD}",
        ),
        (
            {"limited": 2, "ratio": 0.002, "waits": 2},
            f"2 {OF_1000} (0.2 %); VUs were told to wait, and wanted nothing before",
        ),
        (
            {"limited": 2, "ratio": 0.002},
            f"2 {OF_1000} (0.2 %); nobody waited for it, as the plan probes limits",
        ),
        (
            {"max_rate_per_s": 500.0, "held_back": 1, "held_back_s": 0.25},
            f"max_rate 500/s held 1 request back, for 250 ms in all, {NOWHERE}",
        ),
    ],
)
def test_what_there_is_to_say_is_said(found, words):
    assert list(limit_words(RateLimits(**{**NOTHING, **found}))) == ([words] if words else [])


def test_an_older_result_says_nothing_of_it():
    assert list(limit_words(None)) == []


def test_it_is_said_wherever_a_result_is_shown(make, console):
    run = make(count=100).run
    look = next(n for n, one in enumerate(run.summary.catalogue.series) if one.step == "look")
    counts = {
        CellKey(look, "http_limited", 1, ""): 3,
        CellKey(look, "rate_limit_waits", 1, ""): 3,
    }
    waited = {CellKey(look, "rate_limit_wait", 1, ""): Histogram.of([NS_PER_S])}
    run.summary.add(Snapshot(0, 1, waited, counts))
    result = Result.model_validate_json(json.dumps(document_of(run)))
    words = "3 of 300 requests were limited (1 %); VUs waited 1.00 s"
    assert f"- {words}" in markdown(result).replace("\\", "")
    assert words in str(tables.steps(result))
    print_final(run, console)
    assert words in " ".join(console.export_text().split())
