"""Every kind of mistake in a fault proxy: the line that is named, and what is said about it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.fault_proxies import host_and_port

DB = 'upstream = "127.0.0.1:5432"'
MAIL = 'upstream = "dependency:mail"'
# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("upstream_missing", f"{DB}\n", "", 42, 'proxies.db: `upstream` is missing | write upstream = "127.0.0.1:5432", "sandbox" or "dependency:NAME"'),
    ("key_misspelt", DB, 'upstrem = "127.0.0.1:1"\nupstream = "127.0.0.1:5432"', 43, "proxies.db.upstrem: there is no key `upstrem` here | did you mean upstream?"),
    ("not_a_table", "[proxies.db]\nupstream", '[proxies]\nother = "a"\n[proxies.db]\nupstream', 43, 'proxies.other: expected a table, found "a"'),
    ("dependency_misspelt", MAIL, 'upstream = "dependency:mial"', 46, 'proxies.slow-mail.upstream: there is no dependency "mial" | did you mean mail?'),
    ("dependency_by_its_name_alone", MAIL, 'upstream = "mail"', 46, 'proxies.slow-mail.upstream: "mail" is nothing that a proxy can be before | write "dependency:mail"'),
    ("sandbox_misspelt", DB, 'upstream = "sandbx"', 43, '"sandbx" is nothing that a proxy can be before | did you mean sandbox?'),
    ("url", DB, 'upstream = "http://127.0.0.1:80"', 43, "is nothing that a proxy can be before | leave out what is around host and port"),
    ("no_port", DB, 'upstream = "127.0.0.1"', 43, '"127.0.0.1" is nothing that a proxy can be before | write "127.0.0.1:5432", "sandbox", or "dependency:NAME"'),
    ("port_of_nothing", DB, 'upstream = "127.0.0.1:0"', 43, '"127.0.0.1:0" has the port 0, where nothing is'),
    ("port_too_high", DB, 'upstream = "127.0.0.1:99999"', 43, '"127.0.0.1:99999" is nothing that a proxy can be before'),
    ("itself", DB, 'upstream = "127.0.0.1:8811"', 43, "proxies.db.upstream: leads to itself | name the service behind it"),
    ("itself_by_another_name", DB, 'upstream = "localhost:8811"', 43, "leads to itself"),
    ("in_a_circle", f'{DB}\nlisten = "127.0.0.1:8811"', 'upstream = "127.0.0.1:8812"\nlisten = "127.0.0.1:8811"\n[proxies.b]\nlisten = "127.0.0.1:8812"\nupstream = "127.0.0.1:8811"\n[proxies.c]\nupstream = "127.0.0.1:8813"', 43, "proxies.db.upstream: leads to itself: db → b → db"),
    ("two_before_the_same", DB, MAIL, 46, "proxies.slow-mail.upstream: the proxy db is before it already | what is told its address can be told that of one proxy only"),
    ("listening_elsewhere", '"127.0.0.1:8811"', '"192.168.0.1:8811"', 44, 'proxies.db.listen: "192.168.0.1:8811" can be reached from other machines, and the plan does not expose it'),
    ("called_as_a_dependency", "[[faults]]\nname = \"calendar outage\"", '[proxies.pay]\nupstream = "127.0.0.1:1"\n[[faults]]\nname = "calendar outage"', 47, "proxies.pay: there is a dependency pay too, and a fault `on` it could mean either"),
    ("called_as_the_sandbox", "[[faults]]\nname = \"calendar outage\"", '[proxies.sandbox]\nupstream = "127.0.0.1:1"\n[[faults]]\nname = "calendar outage"', 47, 'proxies.sandbox: "sandbox" means the embedded sandbox'),
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


def test_a_proxy_before_the_sandbox_needs_one(problems):
    text = WITH_THIRD_PARTIES.replace("sandbox = true", 'base_url = "http://127.0.0.1:8000"')
    text = text.replace('["db", "sandbox.database"]', '["db"]').replace(DB, 'upstream = "sandbox"')

    (problem,) = problems(text)

    assert problem == (
        "plan.toml:43: proxies.db.upstream: it is before the sandbox, and no target of the plan is "
        "the sandbox | write [targets.sandbox] with sandbox = true"
    )


def test_proxies_may_be_before_each_other(load):
    more = '[proxies.front]\nupstream = "127.0.0.1:8811"\n'

    assert load(WITH_THIRD_PARTIES + more).plan.proxies["front"].upstream == "127.0.0.1:8811"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:5432", ("127.0.0.1", 5432)),
        ("[::1]:80", ("::1", 80)),
        ("db.internal:5432", ("db.internal", 5432)),
        ("dependency:80", None),
        ("sandbox", None),
        ("a:b:80", None),
        ("user@host:80", None),
        (":80", None),
        ("127.0.0.1:65536", None),
    ],
)
def test_an_address_is_host_and_port(address, expected):
    assert host_and_port(address) == expected
