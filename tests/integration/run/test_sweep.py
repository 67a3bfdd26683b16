"""The sweep of a run, by a server that keeps accounts: when it is sent, and what it changes."""

from __future__ import annotations

import pytest

ONCE = 'executor = "shared-iterations"\nvus = 2\niterations = 6'
STEPS = """
[[workflows.visit]]
name = "create"
http = "POST /things"
cleanup = "DELETE /things"
[cleanup]
sweep = "DELETE /runs/${run.id}"
count = "json.deleted"
"""


def answering(reply, sweep, *, created=None):
    """Deletes by run as `sweep` says, and creates as `created` does."""

    def handle(seen):
        if seen.target.startswith("/runs/"):
            return sweep
        return created if seen.method == "POST" and created is not None else reply()

    return handle


def findings(done) -> list[str]:
    return [one["kind"] for one in done.result["validity"]["findings"]]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_last_request_of_a_run_deletes_by_its_id_what_nothing_else_names(
    run, server, plan_for, reply, workers
):
    server.handle = answering(reply, reply(body=b'{"deleted":3}'), created=reply(action="close"))
    done = run(plan_for(ONCE, STEPS), "--workers", workers)

    run_id = done.result["run"]["id"]
    assert server.requests[-1].target == f"/runs/{run_id}"
    assert server.targets()[f"DELETE /runs/{run_id}"] == 1
    assert {one.headers["x-wedload-run"] for one in server.requests} == {run_id}
    assert done.result["cleanup"] == {
        "created": 0, "deleted": 0, "absent": 0, "leaked": 0,
        "uncertain": 6, "swept": 3, "reasons": {},
    }  # fmt: skip
    assert findings(done) == []  # of six that were perhaps created, none is any more
    assert "3 more swept away" in done.err


def test_without_a_sweep_what_nobody_can_name_is_said_with_its_remedy(run, server, plan_for, reply):
    server.handle = answering(reply, reply(), created=reply(action="close"))
    done = run(plan_for(ONCE, STEPS.partition("[cleanup]")[0]))

    assert findings(done) == ["cleanup-uncertain"]
    assert "[cleanup] sweep in the plan" in done.err


@pytest.mark.parametrize(
    ("created", "shown", "uncertain"),
    [
        ({"status": 303}, {"status": 500}, 6),  # created, and what it is was not shown
        ({"status": 303}, {"action": "close"}, 6),
        ({"status": 303}, {"status": 303}, 6),  # in a circle
        ({"status": 202}, {}, 6),  # done, if not as it was expected
        ({"status": 409}, {}, 0),
        ({"status": 500}, {}, 0),
    ],
)
def test_what_was_perhaps_created_before_a_step_failed_is_counted(
    run, server, plan_for, reply, created, shown, uncertain
):
    server.handle = lambda seen: reply(
        **(created if seen.method == "POST" else shown), headers={"Location": "/shown"}
    )
    step = STEPS.partition("[cleanup]")[0] + "expected_status = [200, 201]\n"
    done = run(plan_for(ONCE, step))

    assert done.result["cleanup"]["uncertain"] == uncertain
    assert findings(done) == ["cleanup-uncertain"] * (uncertain > 0)


@pytest.mark.parametrize("status", [403, 303])
def test_a_sweep_that_fails_fails_the_run_and_keeps_its_journal(
    run, server, plan_for, reply, tmp_path, status
):
    server.handle = answering(reply, reply(status=status, headers={"Location": "/sign-in"}))
    done = run(plan_for(ONCE, STEPS))

    assert (done.code, done.result["verdict"]) == (1, "fail")
    assert findings(done) == ["cleanup-sweep"]
    run_id = done.result["run"]["id"]
    (reason,) = done.result["reasons"]
    assert f"status {status}" in reason
    assert f"`wedload cleanup {run_id}` goes on with it" in reason
    assert (tmp_path / ".wedload" / "runs" / run_id / "journal" / "run.jsonl").exists()


def test_a_run_that_left_nothing_leaves_no_journal_either(run, server, plan_for, reply, tmp_path):
    server.handle = answering(reply, reply(status=404))
    done = run(plan_for(ONCE, STEPS))

    assert done.result["cleanup"]["deleted"] == 6
    assert done.result["verdict"] == "pass"
    assert not (tmp_path / ".wedload").exists()


def test_the_header_can_have_another_name_or_none(run, server, plan_for):
    plan = plan_for(ONCE, STEPS.partition("[cleanup]")[0])
    done = run(f'{plan}\n[http]\nrun_header = "X-Mark"\n')
    assert {one.headers["x-mark"] for one in server.requests} == {done.result["run"]["id"]}

    server.requests.clear()
    run(f"{plan}\n[http]\nrun_header = false\n")
    assert not any("x-wedload-run" in one.headers for one in server.requests)
