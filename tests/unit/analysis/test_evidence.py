from __future__ import annotations

from tests.helpers import weak_results as weak
from tests.helpers.analysed_results import dependency, figures, resource
from wedload.analysis import evidence
from wedload.results.analysis_model import Saturated

SECONDS = len(weak.VUS)


def locked(sessions, under_way=0.0, **more):
    wait = {"what": "relation forms", "sessions": sessions, "most": 3, **more}
    one = resource("db", "postgres", "w", figures("sessions", [5.0] * SECONDS), locks=[wait])
    return evidence.locked_of(weak.sound(resources=[one]), under_way)


def test_sessions_that_wait_all_the_time_are_a_lock():
    assert locked(SECONDS).waiting == 1.0


def test_a_chance_meeting_is_none():
    assert locked(SECONDS // 10) is None
    assert locked(0) is None


def test_few_are_one_where_few_are_in_the_database():
    assert locked(SECONDS // 5, under_way=0.5) is not None
    assert locked(2, under_way=0.01) is None  # seen twice


def test_who_holds_it_is_told_in_one_short_line():
    found = locked(SECONDS, holder="UPDATE forms\n  SET title = 'x' WHERE id IN (" + "1, " * 40)
    words = evidence.lock_words(found)
    assert words.startswith("relation forms, held by a session with “UPDATE forms SET title = ")
    assert words.endswith("…”")
    assert evidence.lock_words(locked(SECONDS)) == "relation forms"


def full(name):
    return Saturated(resource=name, quantity="cpu", at_s=9, level=0.97, rate_per_s=41, vus=600)


def of(service, *resources, home=False):
    result = weak.sound(resources=[resource(*one) for one in resources])
    found = evidence.of_service(service, result, [full(one[0]) for one in resources], home=home)
    return None if found is None else found.resource


def test_a_resource_is_a_services_whose_name_it_has_in_its_own_or_in_what_was_asked():
    assert of("sandbox", ("x", "process", "1"), ("api", "process", "sandbox")) == "api"
    assert of("api", ("x", "process", "1"), ("api cpu", "prometheus", "rate(y)")) == "api cpu"
    assert of("sandbox", ("x", "process", "1"), ("y", "process", "2")) is None


def test_a_database_may_be_called_otherwise():
    assert of("postgresql", ("x", "process", "1"), ("weddings", "postgres", "w")) == "weddings"
    assert of("postgresql", ("x", "process", "1"), ("db cpu", "prometheus", "q")) == "db cpu"


def test_the_only_process_that_is_no_database_is_that_of_the_service():
    assert of("sandbox", ("x", "process", "1"), ("db", "process", "p"), home=True) == "x"
    assert of("sandbox", ("db", "process", "p"), home=True) is None


def test_levels_and_loads_are_told_with_their_units():
    one = full("db")
    assert evidence.level_words(one) == "CPU is at 97 %"
    assert evidence.since_words(one, open_load=False) == "from 600 users on"
    assert evidence.since_words(one, open_load=True) == "from 41.0/s on"
    alone = one.model_copy(update={"vus": 0.0, "rate_per_s": 0.0, "one_core": True})
    assert evidence.since_words(alone, open_load=False) == "from 00:09 on"
    assert evidence.level_words(alone) == "CPU is at 97 % of one core"


def test_a_third_party_that_is_asked_again_and_again_says_so():
    one = dependency("mail", "email", [10.0] * 100) | {"amplification": 2.7}
    result = weak.sound(dependencies=[one])
    assert list(evidence.third_party_words(result, "email")) == [
        "mail takes 10 ms on average to answer, p95 10 ms",
        "it is asked 2.7 times for each operation",
    ]  # fmt: skip
    assert list(evidence.third_party_words(result, "sandbox")) == []
