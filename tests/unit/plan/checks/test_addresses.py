"""Addresses that expressions read: each mistake with its line, and what is said about it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES

CALENDAR = "${dependencies.calendar.url}"
DB = "${proxies.db.address}"
OF_CALENDAR = "its address is ${dependencies.calendar.url} as a URL, and ${dependencies.calendar.address} as host:port"
# (what is wrong, text to replace, new text, fragments that must be in the only problem)
MISTAKES = [
    ("dependency_misspelt", CALENDAR, "${dependencies.calender.url}", 'setup[0].json.calendar: there is no dependency "calender" | did you mean calendar?'),
    ("dependency_unknown", CALENDAR, "${dependencies.xyz.url}", 'there is no dependency "xyz" | dependencies: calendar, mail, pay'),
    ("proxy_misspelt", DB, "${proxies.dbb.address}", 'setup[0].json.db: there is no proxy "dbb" | did you mean db?'),
    ("member_misspelt", CALENDAR, "${dependencies.calendar.ulr}", f'the dependency "calendar" has no `ulr` | {OF_CALENDAR}'),
    ("no_member", CALENDAR, "${dependencies.calendar}", f'the dependency "calendar" has no value of its own | {OF_CALENDAR}'),
    ("member_of_a_proxy_misspelt", DB, "${proxies.db.host}", 'the proxy "db" has no `host` | its address is ${proxies.db.url} as a URL, and ${proxies.db.address} as host:port'),
    ("namespace_alone", CALENDAR, "${dependencies}", "dependencies is read as dependencies.NAME"),
    ("namespace_misspelt", CALENDAR, "${dependences.calendar.url}", "there is no variable `dependences` here | did you mean dependencies?"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, expected):
    (problem,) = problems(WITH_THIRD_PARTIES.replace(old, new))

    assert problem.startswith("plan.toml:13: "), problem
    assert expected in problem


@pytest.mark.parametrize("place", ["dependencies", "proxies"])
def test_a_plan_without_any_is_told_how_to_write_one(problems, valid, place):
    (problem,) = problems(valid.replace("GET /", f"GET /${{{place}.a.url}}"))

    assert f"write [{place}.a]" in problem


@pytest.mark.parametrize("name", ["dependencies", "proxies"])
def test_no_variable_has_the_name_of_a_namespace(problems, valid, name):
    (problem,) = problems(
        valid.replace('name = "look"', f'name = "look"\ncapture = {{ {name} = "json.a" }}')
    )

    assert f"'{name}' has a meaning in expressions already" in problem


def test_the_address_of_a_dependency_with_mistakes_is_not_reported_beside_them(problems):
    (problem,) = problems(WITH_THIRD_PARTIES.replace('"600/1m"', '"600"'))

    assert "is no quota" in problem


def test_a_receiver_is_there_before_third_parties_have_addresses(problems):
    hooks = '[channels.hooks]\nwebhook = "/h"\nsignature = { scheme = "none" }\nkey = "text"\n'

    (problem,) = problems(
        f'{WITH_THIRD_PARTIES}{hooks}public_url = "http://${{proxies.db.address}}"\n'
    )

    assert "channels.hooks.public_url: the receiver is there before any variable" in problem
