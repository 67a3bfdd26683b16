"""Every kind of mistake in a fault: the line that is named, and what is said about it.

When they are in force, too (`plan/checks/fault_times.py`).
"""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.faults import KINDS

NAME = 'name = "calendar outage"'
ON = 'on = "calendar"'
AT = 'at = "1m"'
BOTH = 'on = ["db", "sandbox.database"]'
LATENCY = 'latency = "200ms"'
SLICER = 'slicer = { size = "64B", vary = "16B", delay = "10ms" }'


def fault(*lines: str, name: str = "more", at: str = "4m", on: str = '"calendar"') -> str:
    """One more fault, at the end of the plan; its first line is the 69th."""
    return "\n".join(
        ["[[faults]]", f'name = "{name}"', f"on = {on}", f'at = "{at}"', 'for = "10s"', *lines, ""]
    )


# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("name_missing", f"{NAME}\n", "", 47, 'faults[0]: `name` is missing | write name = "calendar outage"'),
    ("on_missing", f"{ON}\n", "", 47, 'faults[0]: `on` is missing | write on = "calendar": a dependency, a proxy, or "sandbox.database" …'),
    ("at_missing", f"{AT}\n", "", 47, 'faults[0]: `at` is missing | write at = "3m", from the begin of the load'),
    ("for_missing", 'for = "30s"\n', "", 47, 'faults[0]: `for` is missing | write for = "1m"'),
    ("for_nothing", 'for = "30s"', 'for = "0s"', 51, "faults[0].for: must be longer than 0s"),
    ("for_a_number", 'for = "30s"', "for = 30", 51, "faults[0].for: 30 is not a duration"),
    ("key_misspelt", 'for = "30s"', 'form = "30s"\nfor = "30s"', 51, "faults[0].form: there is no key `form` here | did you mean for?"),
    ("one_bracket", "[[faults]]\nname = \"calendar outage\"\non = \"calendar\"\nat = \"1m\"\nfor = \"30s\"\ndown = true\n[[faults]]\nname = \"slow database\"\non = [\"db\", \"sandbox.database\"]\nat = \"2m\"\nfor = \"1m\"\nlatency = \"200ms\"\njitter = \"50ms\"\n[[faults]]\nname = \"mail trickles\"", "[faults]\nname = \"mail trickles\"", 47, "faults: expected a list, found a table | write [[faults]], with two brackets"),
    ("name_empty", NAME, 'name = ""', 48, "faults[0].name: is empty"),
    ("name_of_no_fault", NAME, 'name = "none"', 48, "faults[0].name: no fault can be called none: in rows it means that there is none | choose another name"),
    ("name_of_another", 'name = "slow database"', NAME, 54, 'faults[1].name: the fault of line 48 is called "calendar outage" already | rows tell faults apart by their names'),
    ("on_a_misspelt_dependency", ON, 'on = "calender"', 49, 'faults[0].on: there is no dependency or proxy "calender" | did you mean calendar?'),
    ("on_a_dependency_as_an_upstream", ON, 'on = "dependency:calendar"', 49, 'there is no dependency or proxy "dependency:calendar" | did you mean calendar?'),
    ("on_something_else", ON, 'on = "xyz"', 49, 'there is no dependency or proxy "xyz" | known: calendar, mail, pay, db, slow-mail, sandbox.api, sandbox.database, sandbox.webhooks, sandbox.realtime'),
    ("on_the_sandbox", ON, 'on = "sandbox"', 49, 'there is no dependency or proxy "sandbox" | say what of it: sandbox.api, sandbox.database, sandbox.webhooks, sandbox.realtime'),
    ("on_a_misspelt_service", ON, 'on = "sandbox.databse"', 49, 'there is no dependency or proxy "sandbox.databse" | did you mean sandbox.database?'),
    ("on_one_of_several_misspelt", BOTH, 'on = ["db", "sandbox.databse"]', 55, 'faults[1].on[1]: there is no dependency or proxy "sandbox.databse"'),
    ("on_nothing", ON, "on = []", 49, 'faults[0].on: is empty | write on = "calendar"'),
    ("on_a_number", ON, "on = 3", 49, "faults[0].on: expected text in quotes, found a number"),
    ("on_the_same_twice", BOTH, 'on = ["db", "db"]', 55, 'faults[1].on[1]: "db" is there twice'),
    ("nothing_goes_wrong", "down = true\n", "", 47, "faults[0]: it does not say what goes wrong | write down = true, or another: latency, status"),
    ("nothing_goes_wrong_by_false", "down = true", "down = false", 47, "faults[0]: it does not say what goes wrong"),
    ("down_and_more", "down = true", 'down = true\nlatency = "1s"', 53, "faults[0].latency: nothing else goes wrong with what is down | take it out"),
    ("two_answers", "down = true", "status = 503\nempty = true", 53, "faults[0].empty: an answer is status or empty, not both | make two faults of it"),
    ("jitter_of_nothing", f"{LATENCY}\n", "", 58, 'faults[1].jitter: is more or less than `latency`, and there is none | write latency = "200ms"'),
    ("status_of_a_proxy", f"{BOTH}\nat = \"2m\"\nfor = \"1m\"\n{LATENCY}\njitter = \"50ms\"", 'on = "db"\nat = "2m"\nfor = "1m"\nstatus = 503', 58, "faults[1].status: db cannot suffer `status`: a proxy knows no requests | it can suffer down, latency, jitter, reset"),
    ("garbage_of_a_proxy_before_a_dependency", "bandwidth = \"1kB/s\"\nslicer = { size = \"64B\", vary = \"16B\", delay = \"10ms\" }\ntoxicity = 0.5\ndirection = \"both\"", 'malformed = "chunk"', 65, 'faults[2].malformed: slow-mail cannot suffer `malformed`: a proxy knows no requests | write on = "mail", which is behind it'),
    ("bytes_of_a_service", LATENCY, f'{LATENCY}\nreset = true', 59, "faults[1].reset: sandbox.database cannot suffer `reset` | it can suffer down, latency, jitter"),
    ("direction_of_a_service", LATENCY, f'{LATENCY}\ndirection = "up"', 59, "faults[1].direction: sandbox.database has no bytes of which only one direction could suffer"),
    ("spread_latency_of_a_service", LATENCY, 'latency = "exponential(200ms)"', 58, 'faults[1].latency: sandbox.database knows a duration, or uniform(…), and no other distribution | write latency = "200ms", jitter = "50ms"'),
    ("wait_of_a_service", 'down = true', 'down = true\n' + fault('status = 503', 'retry_after = "2s"', on='"sandbox.api"'), 59, "faults[1].retry_after: sandbox.api tells no Retry-After | take it out"),
    ("status_of_a_service_that_is_no_error", 'down = true', 'down = true\n' + fault('status = 301', on='"sandbox.api"'), 58, "faults[1].status: is 301; of sandbox.api it must be from 400 to 599"),
    ("direction_of_an_outage", "down = true", 'down = true\ndirection = "up"', 53, "faults[0].direction: is about bytes, and `down` is not | it goes with latency, jitter, reset"),
    ("direction_misspelt", '"both"', '"bth"', 68, 'faults[2].direction: "bth" is not known here; known: "up", "down", "both" | did you mean both?'),
    ("status_that_is_none", "down = true", "status = 99", 52, "faults[0].status: is 99; it must be from 200 to 599"),
    ("wait_without_status", "down = true", 'empty = true\nretry_after = "2s"', 53, "faults[0].retry_after: is told with `status`, and there is none | write status = 503"),
    ("wait_of_half_seconds", "down = true", 'status = 503\nretry_after = "1500ms"', 53, "faults[0].retry_after: must be whole seconds, as the header has them"),
    ("nobody_suffers", "toxicity = 0.5", "toxicity = 0", 67, "faults[2].toxicity: is 0; it must be above 0, and 1 at most | what nothing suffers can be taken out"),
    ("more_than_all_suffer", "toxicity = 0.5", "toxicity = 50", 67, "faults[2].toxicity: is 50; it must be above 0, and 1 at most"),
    ("no_bandwidth", '"1kB/s"', '"1kB"', 65, "faults[2].bandwidth: '1kB' is no bandwidth; write \"100kB/s\""),
    ("bandwidth_of_nothing", '"1kB/s"', '"0B/s"', 65, "faults[2].bandwidth: '0B/s' lets nothing through; write timeout = true for that"),
    ("pieces_of_nothing", SLICER, 'slicer = { size = "0B" }', 66, "faults[2].slicer.size: must be 1B or more"),
    ("pieces_that_vary_too_much", 'vary = "16B"', 'vary = "64B"', 66, "faults[2].slicer.vary: must be less than `size`, or a piece could have no bytes"),
    ("pieces_of_no_size", SLICER, 'slicer = { delay = "10ms" }', 66, 'faults[2].slicer: `size` is missing | write size = "64B"'),
    ("key_of_pieces_misspelt", 'vary = "16B"', 'vry = "16B"', 66, "faults[2].slicer.vry: there is no key `vry` here | did you mean vary?"),
    ("reset_at_a_number", "down = true", "reset = 5", 52, "faults[0].reset: 5 is not a duration"),
    ("malformed_misspelt", "down = true", 'malformed = "chunks"', 52, '"chunks" is not known here; known: "chunk", "random" | did you mean chunk?'),
    ("after_the_load", AT, 'at = "6m"', 50, "faults[0].at: 6m is not before the end of the load, 5m: nothing would suffer it | choose an earlier instant, or make the load longer"),
    ("as_the_load_ends", AT, 'at = "5m"', 50, "5m is not before the end of the load, 5m"),
    ("the_same_at_the_same_time", 'direction = "both"\n', 'direction = "both"\n' + fault("down = true", at="1m10s"), 72, "faults[3].at: `down` of calendar is set by the fault 'calendar outage' of line 47 too, from 1m to 1m30s | let one of them begin when the other is over"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, line, expected):
    assert WITH_THIRD_PARTIES.count(old) == 1

    (problem,) = problems(WITH_THIRD_PARTIES.replace(old, new))

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem
    assert "pydantic" not in problem


def test_one_mistake_hides_no_other(problems):
    text = WITH_THIRD_PARTIES.replace('for = "30s"\n', "").replace(ON, 'on = "calender"')
    text = text.replace("toxicity = 0.5", "toxicity = 5").replace("jitter", "jiter")

    found = problems(text)

    assert sorted(problem.partition(" | ")[0] for problem in found) == [
        "plan.toml:47: faults[0]: `for` is missing",
        'plan.toml:49: faults[0].on: there is no dependency or proxy "calender"',
        "plan.toml:58: faults[1].jiter: there is no key `jiter` here",
        "plan.toml:66: faults[2].toxicity: is 5; it must be above 0, and 1 at most",
    ]


def test_a_fault_that_is_no_table_is_reported_as_that(problems):
    text = WITH_THIRD_PARTIES[: WITH_THIRD_PARTIES.index("[[faults]]")]

    (problem,) = problems("faults = [5]\n" + text)

    assert problem == "plan.toml:1: faults[0]: expected a table, found the number 5"


def test_a_service_of_the_sandbox_needs_one(problems):
    text = WITH_THIRD_PARTIES.replace("sandbox = true", 'base_url = "http://127.0.0.1:8000"')

    (problem,) = problems(text)

    assert problem == (
        'plan.toml:55: faults[1].on[1]: "sandbox.database" is of the sandbox, and no target of the '
        "plan is the sandbox | write [targets.sandbox] with sandbox = true"
    )


@pytest.mark.parametrize("service", ["api", "database", "webhooks", "realtime"])
@pytest.mark.parametrize("kind", ["down = true", 'latency = "1s"', "status = 503"])
def test_only_the_api_of_the_sandbox_answers_with_a_status(load, problems, service, kind):
    text = WITH_THIRD_PARTIES + fault(kind, on=f'"sandbox.{service}"')

    if kind == "status = 503" and service != "api":
        (problem,) = problems(text)
        assert f"sandbox.{service} cannot suffer `status`" in problem
    else:
        assert load(text).plan.faults[3].on == (f"sandbox.{service}",)


@pytest.mark.parametrize(
    "lines",
    [
        {"one": ("down = true",), "other": ("down = true",), "begins": "1m30s"},
        {"one": ("down = true",), "other": ('latency = "1s"',), "begins": "1m"},
        {
            "one": ('latency = "1s"', 'direction = "up"'),
            "other": ('latency = "2s"',),
            "begins": "1m",
        },
    ],
)
def test_two_faults_may_be_on_the_same_if_they_do_not_meet(load, lines):
    text = WITH_THIRD_PARTIES.replace("down = true", "\n".join(lines["one"]))

    loaded = load(text + fault(*lines["other"], at=lines["begins"]))

    assert len(loaded.plan.faults) == 4


def test_one_latency_for_both_directions_meets_that_of_one(problems):
    text = WITH_THIRD_PARTIES.replace("down = true", 'latency = "1s"\ndirection = "both"')

    (problem,) = problems(text + fault('latency = "2s"', 'direction = "up"', at="59s"))

    assert "`latency` of calendar is set by the fault 'calendar outage' of line 47 too" in problem


def test_a_fault_may_end_after_the_load(load):
    fault_ = load(WITH_THIRD_PARTIES + fault("down = true", at="4m59s")).plan.faults[3]

    assert (fault_.at, fault_.until) == (299_000_000_000, 309_000_000_000)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("down = true", "down"),
        ('latency = "0s"', "latency"),
        ("status = 500", "status"),
        ("reset = true", "reset"),
        ('reset = "1s"', "reset"),
        ("timeout = true", "timeout"),
        ('bandwidth = "1B/s"', "bandwidth"),
        ('slow_close = "1s"', "slow_close"),
        ('slicer = { size = "1B" }', "slicer"),
        ('limit_data = "0B"', "limit_data"),
        ("empty = true", "empty"),
        ('malformed = "random"', "malformed"),
    ],
)
def test_every_kind_is_one_that_a_dependency_can_suffer(load, written, kind):
    loaded = load(WITH_THIRD_PARTIES + fault(written))

    assert loaded.plan.faults[3].kinds == (kind,)
    assert kind in KINDS
