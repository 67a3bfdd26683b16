"""What a run that needs more of open files and local ports than there is is told."""

from __future__ import annotations

import resource

import pytest

from wedload.errors import UsageError
from wedload.fleet.demand import Demand, Span
from wedload.fleet.limits import (
    Limits,
    few_files,
    few_ports,
    limits_here,
    needs_words,
    require_open_files,
    shortages,
)

NONE = Span(0, 0)


@pytest.mark.parametrize(
    ("needed", "limit", "refused"),
    [(1024, 1024, False), (1025, 1024, True), (10**9, None, False)],
)
def test_plan_that_needs_more_files_than_the_limit_is_refused(needed, limit, refused):
    demand, limits = Demand(Span(needed, 10**9), 0), Limits(limit, None)
    if not refused:
        require_open_files(demand, limits, 1)
        return
    with pytest.raises(UsageError):
        require_open_files(demand, limits, 1)


def test_refusal_says_what_is_needed_what_there_is_and_the_remedy():
    with pytest.raises(UsageError) as raised:
        require_open_files(Demand(Span(4_200, 9_000), 0), Limits(1_024, None), 2)

    assert raised.value.message == (
        "this plan needs about 4,200 open files in each of 2 load processes, the limit is 1,024"
    )
    assert "ulimit -n 8192" in raised.value.hint
    assert raised.value.exit_code == 2


def test_sandbox_that_would_run_out_of_files_is_refused_as_such():
    """It is one process, however many load processes connect to it."""
    with pytest.raises(UsageError) as raised:
        require_open_files(Demand(Span(600, 600), 0, Span(1_100, 1_100)), Limits(1_024, None), 2)

    assert raised.value.message == (
        "with this plan the sandbox needs about 1,100 open files, one for each connection to it, "
        "the limit is 1,024"
    )
    assert "ulimit -n 2048" in raised.value.hint
    assert "--workers" not in raised.value.hint


def test_a_proxy_before_the_sandbox_that_would_run_out_of_files_is_refused_as_such():
    some = Span(600, 600)
    demand = Demand(some, 0, some, proxy_files=Span(1_100, 1_100))
    with pytest.raises(UsageError, match="the proxy before the sandbox needs about 1,100 open"):
        require_open_files(demand, Limits(1_024, None), 2)

    demand = Demand(some, 0, some, proxy_files=Span(900, 1_100))
    require_open_files(demand, Limits(1_024, None), 2)
    told = few_files(demand, Limits(1_024, None), 2)
    assert "about 1,100 open files in the proxy before the sandbox" in told


@pytest.mark.parametrize(
    ("most", "limit", "warned"),
    [(1024, 1024, False), (1025, 1024, True), (10**9, None, False)],
)
def test_files_that_may_run_out_are_warned_of_and_not_refused(most, limit, warned):
    demand, limits = Demand(Span(74, most), 0), Limits(limit, None)
    require_open_files(demand, limits, 1)

    assert (few_files(demand, limits, 1) is not None) == warned


def test_warning_says_when_what_is_needed_what_there_is_and_the_remedies():
    demand = Demand(Span(74, 1_064), 0, Span(74, 2_064))

    assert few_files(demand, Limits(1_024, None), 2) == (
        "If the target gets slow, or the load is scaled up, this plan may need up to about 1,064 "
        "open files in each of 2 load processes, the limit is 1,024, and connections beyond it "
        "fail, which makes the run invalid; take fewer virtual users (max_vus), or raise the limit "
        "before the run: ulimit -n 2048, or take more --workers."
    )
    told = few_files(demand, Limits(2_000, None), 2)
    assert "about 2,064 open files in the sandbox, the limit is 2,000" in told
    assert "connections beyond it are reset" in told
    assert "--workers" not in told


@pytest.mark.parametrize(
    ("connections", "ports", "warned"),
    [(80, 100, False), (81, 100, True), (10**6, None, False), (0, 0, False)],
)
def test_connections_are_held_against_four_fifths_of_the_local_ports(connections, ports, warned):
    problem = few_ports(Demand(NONE, connections), Limits(None, ports))

    assert (problem is not None) == warned
    if warned:
        assert "Up to 81 connections to one address" in problem
        assert "this machine has 100 for it" in problem
        assert "net.ipv4.ip_local_port_range" in problem


def test_limits_are_those_of_this_machine(tmp_path):
    (tmp_path / "range").write_text("32768\t60999\n")
    found = limits_here(tmp_path / "range")

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert found.open_files == (None if hard == resource.RLIM_INFINITY else hard)
    assert found.local_ports == 28_232
    assert limits_here(tmp_path / "none").local_ports is None


def test_subscribers_beyond_the_limit_are_refused_as_such():
    few = Span(64, 64)
    with pytest.raises(UsageError) as raised:
        require_open_files(Demand(few, 0, None, Span(1_100, 1_100)), Limits(1_024, None), 2)

    assert raised.value.message == (
        "the process that listens to this plan's channels needs about 1,100 open files, one for "
        "each subscriber, the limit is 1,024"
    )
    assert raised.value.hint.endswith("or take fewer subscribers")
    require_open_files(Demand(few, 0, None, Span(1_024, 1_024)), Limits(1_024, None), 2)


@pytest.mark.parametrize(
    ("demand", "limits", "words"),
    [
        (
            Demand(Span(1_064, 1_064), 1_010), Limits(20_000, 28_232),
            "needs about 1,064 open files (limit 20,000) and 1,010 of 28,232 local ports",
        ),
        (
            Demand(Span(66, 464), 200), Limits(None, None),
            "needs about 66 open files, 464 at most (no limit) and 200 local ports",
        ),
    ],
)  # fmt: skip
def test_what_is_needed_is_told_beside_what_there_is(demand, limits, words):
    assert needs_words(demand, limits) == words


@pytest.mark.parametrize(
    ("demand", "limits", "told"),
    [
        (Demand(Span(60, 70), 10), Limits(100, 100), []),
        (Demand(Span(60, 170), 10), Limits(100, 100), ["If the target gets slow"]),
        (Demand(Span(160, 170), 10), Limits(100, 100), ["This plan needs about 160 open files"]),
        (
            Demand(Span(60, 170), 90), Limits(100, 100),
            ["Up to 90 connections", "If the target gets slow"],
        ),
    ],
)  # fmt: skip
def test_each_shortage_is_told_once_with_the_most_certain_of_files(demand, limits, told):
    said = list(shortages(demand, limits))
    assert len(said) == len(told)
    assert all(one.startswith(begin) for one, begin in zip(said, told, strict=True))
