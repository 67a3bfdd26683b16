"""Limits of the machine: refused before the run, or named after it; never the target's fault."""

from __future__ import annotations

import pytest

STEP = '[[workflows.visit]]\nname = "look"\nhttp = "GET /look"\n'
MANY = 'executor = "constant-vus"\nvus = 40\nduration = "1s"\npace = "200ms"'


def at_most(files: int) -> tuple[str, ...]:
    """Runs a command with a hard limit of open files."""
    return ("sh", "-c", f'ulimit -n {files}; exec "$0" "$@"')


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
    failed = done.step("look")["outcomes"]["connect"]
    assert done.code == 3
    assert findings["files-exhausted"]["invalidates"] is True
    assert (
        f"{failed:,} requests failed (Too many open files)"
        in (findings["files-exhausted"]["message"])
    )
    assert findings["open-files"]["invalidates"] is False
    asked = sum(len(one.requests) for one in servers)
    assert done.step("look")["outcomes"]["ok"] == asked
