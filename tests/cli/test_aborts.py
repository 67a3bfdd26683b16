"""Runs with rows about time: what ends them early, what they say, and what they leave behind."""

from __future__ import annotations

import re
import signal

import pytest

#: creates something in each iteration; the server begins to fail when a test says so
CREATING = """\
schema = 1
name = "creating"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "45s"
pace = "20ms"
workflow = "visit"
[[workflows.visit]]
name = "create"
http = "POST /things"
cleanup = "DELETE /things/${{vu}}-${{iteration}}"
[[workflows.visit]]
name = "look"
http = "GET /look"
[[teardown]]
name = "tear down"
http = "GET /last"
[benchmarks]
{rows}
"""


class Failing:
    """Makes a server fail `/look` from its n-th request to it on."""

    def __init__(self, server, after: int) -> None:
        self.server = server
        self.after = after
        server.fails = self.fails

    def fails(self, path: str) -> bool:
        looks = sum(one[1] == "/look" for one in self.server.requests)
        return path == "/look" and looks > self.after


def rows_of(done):
    return {row["name"]: row for row in done.result["benchmarks"]}


@pytest.fixture
def creating(wedload, server):
    def plan(*rows: str):
        return wedload.plan(CREATING.format(url=server.url, rows="\n".join(rows)))

    return plan


def test_run_is_aborted_when_the_target_begins_to_fail_and_cleans_up(wedload, server, creating):
    Failing(server, 100)  # about a second
    plan = creating(
        'Failures = { require = "http_req_failed: rate < 1%", abort = true, window = "2s" }',
        '"Whole" = "http_req_failed{step=create}: rate < 1%"',
        '"Not reached" = { require = "http_req_duration: p95 < 5s", after = "30s" }',
        '"Much" = { require = "http_reqs: rate > 10/s", window = "40s" }',
    )

    done = wedload("run", plan, "--workers", "2")

    assert done.code == 1, done.err
    result = done.result
    assert result["verdict"] == "fail"
    assert result["run"]["duration_s"] < 30  # of 45
    assert result["run"]["interrupted"] is False
    assert 1 <= result["run"]["aborted_s"] <= result["run"]["duration_s"]
    assert result["reasons"][0].startswith("Aborted at 00:0")
    assert re.search(
        r"Failures: http_req_failed rate in the 2s until 00:\d\d is [\d.]+ %, required < 1%",
        result["reasons"][0],
    )
    assert len(result["reasons"]) == 1  # what was not reached is not held against it
    (finding,) = [one for one in result["validity"]["findings"] if one["kind"] == "aborted"]
    assert finding["invalidates"] is False
    assert "as Failures was missed" in finding["message"]
    assert "load-not-reached" not in {one["kind"] for one in result["validity"]["findings"]}
    rows = rows_of(done)
    assert rows["Failures"]["status"] == "missed"
    assert rows["Whole"]["status"] == "met"
    assert rows["Not reached"]["status"] == "no-data"
    assert rows["Much"]["status"] == "insufficient"

    created = sum(method == "POST" for method, _, _ in server.requests)
    assert result["cleanup"]["created"] == result["cleanup"]["deleted"] == created > 0
    assert sum(method == "DELETE" for method, _, _ in server.requests) == created
    assert [path for _, path, _ in server.requests].count("/last") == 1  # torn down

    told = " ".join(done.err.split())
    assert "stopping: Failures: http_req_failed rate in the 2s until 00:0" in told
    assert "verdict: FAIL 1 of 4 benchmarks met" in told
    assert "(interrupted)" not in told
    # of what is no sentence for a log
    lines = [one for one in done.err.splitlines() if not one.startswith((" •", " !", "stopping: "))]
    assert max(map(len, lines)) <= 120


def test_row_without_a_window_aborts_when_its_miss_is_proven(wedload, server, creating):
    Failing(server, 40)
    plan = creating(
        'Failures = { require = "http_req_failed: rate < 1%", abort = true, after = "1s" }'
    )

    done = wedload("run", plan)

    assert done.code == 1, done.err
    assert done.result["run"]["duration_s"] < 30
    assert re.search(
        r"^Aborted at 00:\d\d. Failures: http_req_failed rate after 1s is [\d.]+ %, "
        r"required < 1%, missed by [\d.]+ percentage points \([\d,]+ samples\)\.$",
        done.result["reasons"][0],
    )


def test_good_run_is_not_aborted_and_meets_its_windows(wedload, creating):
    plan = creating(
        'Failures = { require = "http_req_failed: rate < 1%", abort = true, window = "1s" }',
        'All = { require = "http_req_failed: rate < 1%", abort = true }',
        'Count = { require = "http_req_failed: count == 0", abort = true, after = "1s" }',
        'Quick = { require = "http_req_duration: max < 30s", after = "1s", window = "1s" }',
    )

    done = wedload("run", plan, "--duration", "3s")

    assert done.code == 0, done.err
    assert done.result["run"]["duration_s"] >= 3
    assert done.result["validity"]["findings"] == []
    assert done.result["run"]["aborted_s"] is None


def test_aborted_run_gives_iterations_five_seconds_and_an_interrupt_changes_nothing(
    wedload, server, creating
):
    """Looks hang longer than that, so that the last iterations are cut off."""
    server.delay_s = lambda path: 20.0 if path == "/look" and len(server.requests) > 20 else 0.0
    server.fails = lambda path: path == "/things" and len(server.requests) > 10
    plan = creating('Failures = { require = "http_req_failed: count < 3", abort = true }')

    run = wedload.start("run", plan, "--set", "scenarios.main.vus=4")
    run.wait_for("stopping: Failures: http_req_failed count is ")
    run.signal(signal.SIGINT)
    done = run.wait()

    assert done.code == 1, done.err
    assert "stopping already; interrupt again to stop at once" in done.err
    assert done.result["run"]["duration_s"] < 30
    assert done.result["run"]["interrupted"] is False
    assert done.result["metrics"]["interrupted_iterations"]["count"] >= 1
    assert done.result["verdict"] == "fail"


def test_interrupt_of_a_run_that_could_abort_is_an_interrupt(wedload, server, creating):
    plan = creating(
        'Failures = { require = "http_req_failed: rate < 1%", abort = true, window = "1s" }'
    )
    run = wedload.start("run", plan)
    run.under_load(1.5)
    run.signal(signal.SIGINT)

    done = run.wait()

    assert done.code == 130, done.err
    assert "aborted" not in {one["kind"] for one in done.result["validity"]["findings"]}


def test_time_scale_shortens_after_and_window_and_says_when_they_are_a_second(wedload, creating):
    plan = creating(
        'Scaled = { require = "http_req_failed: rate < 1%", after = "20s", window = "10s" }',
        'Shortest = { require = "http_req_failed: rate < 1%", after = "5s" }',
    )

    done = wedload("run", plan, "--time-scale", "0.1")

    assert done.code == 0, done.err
    assert "judged by seconds, so `after` and `window` are not below 1s: Shortest" in done.err
    assert "are not below 1s: Scaled" not in done.err
    told = " ".join(done.err.split())
    assert "rate < 1% in each 1s after 2s" in told
    assert "rate < 1% after 1s" in told


def test_shorter_load_drops_rows_that_it_does_not_come_to(wedload, creating):
    plan = creating(
        'Late = { require = "http_req_failed: rate < 1%", after = "20s" }',
        'All = "http_req_failed: rate < 1%"',
    )

    done = wedload("run", plan, "--duration", "1s")

    assert done.code == 0, done.err
    assert "not judged, as the load then ends before its `after`: Late" in done.err
    assert rows_of(done).keys() == {"All"}


def test_check_shows_what_rows_say_of_time(wedload, creating):
    plan = creating(
        'Failures = { require = "http_req_failed: rate < 1%", abort = true, after = "20s", '
        'window = "10s" }'
    )

    whole = wedload("check", plan)
    short = wedload("check", plan, "--time-scale", "0.5")

    assert "in each 10s after 20s, a miss aborts the run" in whole.out
    assert "in each 5s after 10s, a miss aborts the run" in short.out
    assert max(map(len, whole.out.splitlines())) <= 80


def test_status_of_a_run_shows_its_rows_as_they_stand(wedload, creating):
    plan = creating('Failures = { require = "http_req_failed: rate < 1%", window = "1s" }')
    run = wedload.start("run", plan, "--set", "scenarios.main.duration=30s")
    run.under_load()

    def judged():
        status.update(wedload("ctl", "status").result)
        return status["benchmarks"][0]["observed"] is not None

    status = {}
    run.wait_until(judged, "a window is judged")

    assert status["aborted_by"] is None
    (row,) = status["benchmarks"]
    assert (row["name"], row["require"]) == ("Failures", "rate < 1% in each 1s")
    assert (row["status"], row["observed"], row["unit"]) == ("met", 0.0, "ratio")
    run.signal(signal.SIGINT)
    assert run.wait().code == 130
