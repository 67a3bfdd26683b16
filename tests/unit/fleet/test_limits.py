"""What a plan needs of open files and local ports, and what is said where there are too few."""

from __future__ import annotations

import resource

import pytest

from wedload.errors import UsageError
from wedload.fleet.limits import (
    Demand,
    Limits,
    demand_of,
    few_ports,
    limits_here,
    require_open_files,
)
from wedload.plan.loader import load_plan
from wedload.workload.compile import Settings, compile_workload

HEAD = """\
schema = 1
name = "large"
[variables]
elsewhere = "127.0.0.1:6"
[targets.local]
base_url = "http://127.0.0.1:9"
[identities.someone]
http = "POST http://127.0.0.1:7/login"
headers = { Authorization = "Bearer x" }
[scenarios.main]
executor = "ramping-vus"
stages = [{ duration = "1s", target = 4001 }, { duration = "1s", target = 0 }]
workflow = "visit"
[scenarios.side]
executor = "constant-vus"
vus = 101
duration = "1s"
workflow = "other"
"""


@pytest.fixture
def workload(tmp_path):
    def make(visit: str, other: str = '[[workflows.other]]\nhttp = "GET /b"\n'):
        (tmp_path / "plan.toml").write_text(HEAD + visit + other)
        plan = load_plan(tmp_path / "plan.toml").plan
        return plan, compile_workload(plan, Settings("local", "http://127.0.0.1:9"))

    return make


def test_each_user_needs_a_connection_and_each_process_some_files_more(workload):
    one = workload('[[workflows.visit]]\nhttp = "GET /a"\n')

    assert demand_of(*one, 1) == Demand(64 + 4001 + 101, 4102)
    # the process with the most: each scenario's users are shared out by themselves
    assert demand_of(*one, 2) == Demand(64 + 2001 + 51, 4102)
    assert demand_of(*one, 5000) == Demand(64 + 1 + 1, 4102)


def test_each_address_that_a_user_goes_to_is_a_connection_of_its_own(workload):
    visit = (
        '[[workflows.visit]]\nhttp = "GET /a"\nas = "someone"\n'
        '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:8/b"\n'
        '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:8/c?d=${vu}"\n'
        '[[workflows.visit]]\nhttp = "GET http://${elsewhere}/d"\n'
        '[[workflows.visit]]\nuse = "other"\n'
    )
    # the target, the one to sign in at, :8, and one that only its variables tell
    assert demand_of(*workload(visit), 1) == Demand(64 + 4 * 4001 + 101, 4102)


def test_users_of_one_address_are_added_up_over_scenarios_and_others_are_not(workload):
    visit = '[[workflows.visit]]\nhttp = "GET http://127.0.0.1:8/b"\n'
    assert demand_of(*workload(visit), 1) == Demand(64 + 4001 + 101, 4001)


@pytest.mark.parametrize(
    ("needed", "limit", "refused"),
    [(1024, 1024, False), (1025, 1024, True), (10**9, None, False)],
)
def test_plan_that_needs_more_files_than_the_limit_is_refused(needed, limit, refused):
    demand, limits = Demand(needed, 0), Limits(limit, None)
    if not refused:
        require_open_files(demand, limits, 1)
        return
    with pytest.raises(UsageError):
        require_open_files(demand, limits, 1)


def test_refusal_says_what_is_needed_what_there_is_and_the_remedy():
    with pytest.raises(UsageError) as raised:
        require_open_files(Demand(4_200, 0), Limits(1_024, None), 2)

    assert raised.value.message == (
        "this plan needs about 4,200 open files in each of 2 load processes, the limit is 1,024"
    )
    assert "ulimit -n 8192" in raised.value.hint
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("connections", "ports", "warned"),
    [(80, 100, False), (81, 100, True), (10**6, None, False), (0, 0, False)],
)
def test_connections_are_held_against_four_fifths_of_the_local_ports(connections, ports, warned):
    problem = few_ports(Demand(0, connections), Limits(None, ports))

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
