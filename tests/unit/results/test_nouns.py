"""What samples are called, by the verb of their steps."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.metric_table import STEP_METRICS
from wedload.results.nouns import (
    column_of,
    common_noun,
    counted_by_verb,
    noun,
    noun_of_load,
    per_s,
)


def summary_of(*verbs, counts=(), scenario="main"):
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase("main"))
    for verb in verbs:
        catalogue.add_series(Series(scenario, "visit", verb, verb=verb))
    catalogue.add_series(Series("setup", None, "sign up", verb="http"))
    summary = Summary(catalogue)
    cells = {
        CellKey(place, STEP_METRICS[verb].count, phase, "ok"): number
        for place, (verb, number) in enumerate(zip(verbs, counts, strict=False))
    }
    summary.add(Snapshot(0, 0, counts=cells))
    return summary


def test_only_samples_of_http_are_requests():
    names = {one.count: noun(one.count) for one in STEP_METRICS.values()}

    assert names == {
        "http_reqs": "requests",
        "ws_exchanges": "exchanges",
        "awaits": "awaits",
        "publishes": "publishes",
        "python_calls": "python calls",
        "sql_queries": "queries",
    }


@pytest.mark.parametrize(
    ("counts", "what", "rate", "column"),
    [
        ([], "requests", "req/s", "requests"),
        (["http_reqs", "http_reqs"], "requests", "req/s", "requests"),
        (["publishes"], "publishes", "steps/s", "publishes"),
        (["http_reqs", "awaits"], "steps", "steps/s", "count"),
    ],
)
def test_several_verbs_together_are_steps(counts, what, rate, column):
    assert common_noun(counts) == what
    assert per_s(what) == rate
    assert column_of(map(noun, counts)) == column


def test_what_set_up_asks_for_does_not_name_the_load():
    assert noun_of_load(summary_of("publish")) == "publishes"
    assert noun_of_load(summary_of("http", "await")) == "steps"
    assert noun_of_load(summary_of("http")) == "requests"


def test_each_verb_is_counted_by_itself():
    summary = summary_of("publish", "await", "http", counts=(7, 0, 3))

    assert counted_by_verb(summary) == [(3, "requests"), (7, "publishes")]


def test_nothing_is_counted_as_what_it_would_have_been():
    assert counted_by_verb(summary_of("publish")) == [(0, "publishes")]
