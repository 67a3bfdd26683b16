"""Runs on platforms with one weakness each: the right part is named, and on a sound one none."""

from __future__ import annotations

import pytest

from tests.helpers import weak_results as weak
from tests.helpers.analysed_results import Platform, analysed_result, answers, healthy
from wedload.analysis.analyse import analyse

WEAK = {
    weak.index_dropped: ("query", "postgresql", "SELECT suppliers"),
    weak.lock_held: ("lock", "postgresql", "INSERT submissions"),
    weak.third_party_slow: ("third party", "google-calendar", "POST /events"),
    weak.cpu_bound: ("resource", "sandbox", "GET /api/suppliers/search"),
    weak.small_pool: ("pool", "sandbox", "wait for a connection"),
}


@pytest.mark.parametrize("make", WEAK, ids=lambda one: one.__name__)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_culprit_of_each_weakness_is_named(make, seed):
    found = analyse(make(seed=seed))
    first = found.culprits[0]
    assert (first.kind, first.service, first.operation) == WEAK[make]
    assert found.verdict == f"bottleneck: {first.words}"


@pytest.mark.parametrize("seed", range(5))
def test_on_a_sound_platform_nothing_is_named(seed):
    found = analyse(weak.sound(seed=seed))
    assert found.culprits == []
    assert found.saturated == []
    assert found.verdict.startswith("no bottleneck: a request takes 5.")


def test_the_index_dropped_is_told_with_its_figures():
    first = analyse(weak.index_dropped()).culprits[0]
    assert first.resource == "db"
    assert first.words == (
        "“search suppliers” waits 295 ms of 317 ms for postgresql (SELECT suppliers), "
        "whose CPU is at 97.5 % from 14 users on; with 20.9 requests in flight it is 638 ms"
    )
    assert first.certainty == 1.0


def test_the_lock_is_told_with_its_object_and_its_holder():
    first = analyse(weak.lock_held()).culprits[0]
    assert first.resource == "relation submissions"
    assert "held by a session with “LOCK TABLE submissions IN ACCESS EXCLUSIVE MODE”" in first.words
    assert first.evidence[0] == (
        "3.91 sessions of weddings wait for a lock on average, at most 9 for relation submissions"
    )


def test_connections_that_are_waited_for_because_of_a_lock_are_told_beside_it():
    found = analyse(weak.lock_held())
    assert len(found.culprits) == 1
    assert any("in waiting for a connection" in one for one in found.sentences)


def test_a_slow_third_party_tells_how_long_it_took_itself():
    first = analyse(weak.third_party_slow()).culprits[0]
    assert first.evidence == ["calendar takes 1.50 s on average to answer, p95 1.60 s"]


def test_without_traces_the_simulated_third_party_is_a_weaker_witness():
    counts = [1] * len(weak.VUS)
    parts = weak.third_party_slow(traces=None)
    series = parts.series.model_dump()
    series["trends"].append(answers("calendar", 1500.0, counts))
    series["counters"] = []
    found = analyse(weak.third_party_slow(traces=None, series=series))
    assert found.split_by == "dependencies"
    assert "only the simulated third parties tell" in found.refused["operations"]
    assert {one.service for one in found.levels[-1].services} == {
        "calendar", "the platform itself, network and queues",
    }  # fmt: skip


@pytest.mark.parametrize("make", WEAK, ids=lambda one: one.__name__)
def test_without_resources_only_what_they_alone_know_is_lost(make):
    kind, service, _ = WEAK[make]
    first = analyse(make(resources=[])).culprits[0]
    assert first.service == service
    assert first.kind == {"lock": "query", "resource": "service"}.get(kind, kind)


def test_without_traces_resources_and_locks_are_what_tells():
    assert analyse(weak.lock_held(traces=None)).culprits[0].kind == "lock"
    found = analyse(weak.cpu_bound(traces=None))
    assert (found.culprits[0].kind, found.culprits[0].resource) == ("resource", "api")
    assert "[tracing]" in found.refused["services"]


def test_without_anything_it_says_what_to_switch_on():
    found = analyse(weak.small_pool(traces=None, resources=[]))
    assert found.culprits == []
    assert found.verdict.endswith("but nothing tells whose time it is")
    assert "[tracing]" in found.refused["services"]
    assert "[resources]" in found.refused["resources"]


def test_what_explain_says_speaks_for_a_query():
    node = {
        "kind": "Seq Scan", "relation": "suppliers", "self_ms": 210.0, "total_ms": 214.0,
        "rows": 20, "removed": 199_980, "words": "Seq Scan on suppliers takes 210 ms of 214 ms",
    }  # fmt: skip
    explained = {
        "scenario": "main", "workflow": "visit", "step": "search as SQL", "database": "weddings",
        "query": "SELECT 1", "duration_ms": 230.0, "culprit": node,
    }  # fmt: skip
    words = "EXPLAIN of “search as SQL”: Seq Scan on suppliers takes 210 ms of 214 ms"
    assert words in analyse(weak.index_dropped(explained=[explained])).culprits[0].evidence
    alone = analyse(weak.index_dropped(explained=[explained], traces=None, resources=[]))
    assert (alone.culprits[0].kind, alone.culprits[0].service) == ("query", "weddings")
    assert words in alone.culprits[0].evidence
    assert analyse(weak.sound(explained=[explained])).culprits == []


def test_too_few_traces_are_no_split():
    found = analyse(analysed_result(Platform(healthy, share=0.002)))
    assert found.split_by is None
    assert found.refused["services"].startswith("no level has 30 traces, the most is ")


def test_a_run_without_requests_says_so():
    found = analyse(analysed_result(Platform(healthy, stages=[("still", 20, 0, 0)])))
    assert found.levels == []
    assert found.verdict == "what gives way cannot be said: there are too few requests"


def test_the_same_result_has_the_same_analysis():
    result = weak.index_dropped()
    assert analyse(result) == analyse(result)


def test_an_invalid_run_is_said_to_be_one():
    found = analyse(weak.index_dropped(verdict="invalid"))
    assert found.sentences[0].startswith("the run is invalid")


@pytest.mark.parametrize("make", [*WEAK, weak.sound], ids=lambda one: one.__name__)
def test_what_there_is_to_say_fits_a_screen(make):
    found = analyse(make())
    assert len(found.sentences) <= 12
    assert all("None" not in one and "nan" not in one for one in found.sentences)
