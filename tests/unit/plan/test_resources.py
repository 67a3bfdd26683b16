"""What a plan says is sampled beside its load: read, or refused with what would be right."""

from __future__ import annotations

import re

import pytest

from wedload.plan.resources import AddressError, address_of, address_template, parse_query


@pytest.mark.parametrize(
    ("text", "kind", "asked"),
    [
        ("process: 4242", "process", "4242"),
        ("process:gunicorn: master", "process", "gunicorn: master"),
        ("process: sandbox", "process", "sandbox"),
        ("cgroup: system.slice/api.service", "cgroup", "system.slice/api.service"),
        ("cgroup: /sys/fs/cgroup/a", "cgroup", "/sys/fs/cgroup/a"),
        ("postgres: main", "postgres", "main"),
        (" prometheus :  rate(a{b='c:d'}[30s]) ", "prometheus", "rate(a{b='c:d'}[30s])"),
    ],
)
def test_query_is_a_kind_and_what_of_it(text, kind, asked):
    query = parse_query(text)

    assert (query.kind, query.asked, query.dsn) == (kind, asked, None)
    assert str(query) == f"{kind}: {asked}"


def test_database_can_be_told_by_an_address_that_reads_the_environment():
    query = parse_query("postgres: postgresql://me:${env.WEDLOAD_PW}@localhost/shop")

    assert query.dsn is not None
    assert query.dsn.template.reads.env == {"WEDLOAD_PW"}
    assert parse_query("postgres: ${env.WEDLOAD_PG_DSN}").dsn.template.whole is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("proces: 1", "there is no kind of resource 'proces'; did you mean process?"),
        ("redis: 1", "there is no kind of resource 'redis'; write one of \"process: 4242\""),
        ("machine: 1", "there is no kind of resource 'machine'"),
        ("4242", "'4242' tells no kind; write one of"),
        ("process:", "nothing follows 'process:'; write \"process: 4242\""),
        ("process: 0", "0 is no number of a process"),
        ("process: 99999999", "99999999 is no number of a process"),
        ("cgroup: ../../etc", "is not below /sys/fs/cgroup"),
        ("cgroup: /etc", "is not below /sys/fs/cgroup"),
        ("postgres: no such", "'no such' is no database"),
        ("postgres: postgres://u:secret@h/d", "a password does not belong into a plan"),
        ("postgres: ${token}", "reads `token`; an address can read secrets alone"),
        ("postgres: ${env.A", "a ${ is not closed"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_with_what_would_be_right(text, said):
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        parse_query(text)

    assert "secret@" not in str(raised.value)


def test_what_is_read_of_the_environment_is_escaped_unless_it_is_the_whole_address():
    env = {"PW": "p@ss/w:rd", "DSN": " postgresql://a:b@h/d\n"}

    def made(text):
        return address_of(address_template(text), env, {"key": "k#y"})

    assert made("postgresql://me:${env.PW}@h/d") == "postgresql://me:p%40ss%2Fw%3Ard@h/d"
    assert made("https://u:${secrets.key}@h") == "https://u:k%23y@h"
    assert made("${env.DSN}") == "postgresql://a:b@h/d"
    with pytest.raises(AddressError, match="reads what the environment does not have"):
        made("${env.NONE}")
