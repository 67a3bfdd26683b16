"""Which scenarios have virtual users at the same time."""

from __future__ import annotations

from wedload.safety.asks import Ask, busiest, total_vus


def ask(scenario: str, vus: int, begin: int, gone: int) -> Ask:
    return Ask(scenario, vus, begin, gone, gone)


def test_the_busiest_moment_is_where_most_virtual_users_meet():
    asks = [ask("a", 5, 0, 10), ask("b", 6, 10, 20), ask("c", 7, 9, 12), ask("d", 1, 30, 40)]

    assert [one.scenario for one in busiest(asks)] == ["b", "c"]
    assert total_vus(busiest(asks)) == 13


def test_of_no_scenario_nobody_is_there():
    assert busiest([]) == ()


def test_one_that_is_gone_when_another_begins_does_not_meet_it():
    assert not ask("a", 1, 0, 10).meets(ask("b", 1, 10, 20))
    assert ask("a", 1, 0, 11).meets(ask("b", 1, 10, 20))
