"""Limits of the machine: refused before the run, or named after it; never the target's fault."""

from __future__ import annotations

import pytest

from tests.helpers.open_files import at_most

STEP = '[[workflows.visit]]\nname = "look"\nhttp = "GET /look"\n'
MANY = 'executor = "constant-vus"\nvus = 40\nduration = "1s"\npace = "200ms"'


def test_plan_that_needs_more_files_than_it_can_have_is_refused(run, server, plan_for):
    with pytest.raises(AssertionError) as raised:
        run(plan_for(MANY, STEP), under=at_most(100))

    told = str(raised.value)
    assert "this plan needs about 104 open files, the limit is 100" in told
    assert "ulimit -n 128" in told
    assert server.requests == []


def test_same_plan_runs_where_its_users_are_spread_over_two_processes(run, server, plan_for):
    done = run(plan_for(MANY, STEP), "--workers", "2", under=at_most(100))

    assert done.step("look")["outcomes"] == {"ok": len(server.requests)}
    for one in done.result["validity"]["generator"]["processes"]:
        assert one["open_files_limit"] == 100
        assert 20 < one["open_files_max"] <= 64 + 20


def test_soft_limit_is_raised_to_the_hard_one(run, server, plan_for):
    soft = ("sh", "-c", 'ulimit -Sn 60; exec "$0" "$@"')

    done = run(plan_for(MANY, STEP), under=soft)

    assert done.step("look")["outcomes"] == {"ok": len(server.requests)}
    (process,) = done.result["validity"]["generator"]["processes"]
    assert process["open_files_limit"] > 60


def test_files_that_run_out_all_the_same_make_the_run_invalid_and_are_named(
    run, plan_for, more_servers, tmp_path
):
    """Where its variables say where to, nobody knows beforehand how many connections it makes."""
    servers = more_servers(8)
    (tmp_path / "urls.csv").write_text("url\n" + "".join(f"{one.url}\n" for one in servers))
    plan = plan_for(
        'executor = "constant-vus"\nvus = 20\nduration = "1500ms"\npace = "20ms"',
        '[[workflows.visit]]\nname = "look"\nhttp = "GET ${data.urls.url}/look"\n',
        '[data.urls]\nfile = "urls.csv"\npick = "random"\n',
    )

    done = run(plan, under=at_most(90))

    findings = {one["kind"]: one for one in done.result["validity"]["findings"]}
    failed = done.step("look")["outcomes"]["no_file"]
    assert done.code == 3
    assert findings["files-exhausted"]["invalidates"] is True
    assert (
        f"{failed:,} requests failed (Too many open files)"
        in (findings["files-exhausted"]["message"])
    )
    assert findings["open-files"]["invalidates"] is False
    asked = sum(len(one.requests) for one in servers)
    assert done.step("look")["outcomes"]["ok"] == asked


SLOW = 'executor = "constant-arrival-rate"\nrate = "100/s"\nduration = "1s"'


def test_arrivals_that_the_limit_is_enough_for_run_with_a_warning(run, server, plan_for):
    """By default up to 1,000 virtual users: as many as the target is slow, and it is not."""
    plan = plan_for(SLOW.replace("100/s", "20/s"), STEP)

    done = run(plan, under=at_most(200))

    assert done.step("look")["outcomes"] == {"ok": 20}
    findings = {one["kind"]: one for one in done.result["validity"]["findings"]}
    finding = findings["few-files"]
    assert finding["invalidates"] is False
    assert "files-exhausted" not in findings
    assert "this plan may need up to about 1,064 open files, the limit is 200" in finding["message"]
    assert "ulimit -n 2048" in finding["message"]
    assert "warning of open files: If the target gets slow" in done.err


def test_arrivals_at_a_target_that_gets_slow_make_the_run_invalid(run, server, plan_for, reply):
    server.handle = lambda _: reply(delay_s=5)
    plan = plan_for(SLOW, STEP)

    done = run(plan, under=at_most(90))

    outcomes = done.step("look")["outcomes"]
    findings = {one["kind"]: one for one in done.result["validity"]["findings"]}
    assert done.code == 3
    assert outcomes == {"ok": len(server.requests), "no_file": 100 - len(server.requests)}
    assert findings.keys() >= {"few-files", "open-files", "files-exhausted"}
    assert findings["files-exhausted"]["message"].startswith(
        f"{outcomes['no_file']} requests failed (Too many open files)"
    )
    assert "max_vus" in findings["files-exhausted"]["message"]
    assert done.count("iterations") == 100


def test_a_batch_needs_a_connection_for_each_of_its_requests(run, server, plan_for):
    inner = ", ".join(f'{{ name = "{x}", http = "GET /{x}" }}' for x in "abcdefgh")
    plan = plan_for(MANY.replace("40", "10"), f"[[workflows.visit]]\nbatch = [ {inner} ]\n")

    with pytest.raises(AssertionError) as raised:
        run(plan, under=at_most(123))
    assert "this plan needs about 124 open files, the limit is 123" in str(raised.value)
    assert server.requests == []

    done = run(plan, under=at_most(124))

    assert done.result["failures"] == []
    (process,) = done.result["validity"]["generator"]["processes"]
    assert 60 < process["open_files_max"] <= 124
