"""`nightly.sh` as users copy it: real runs, in dash, with spaces in every path."""

from __future__ import annotations

import time

import pytest

from tests.helpers.load_testing import DEADLINE_S, SLOW, worse_in
from wedload.results.read import read_result


@pytest.mark.timeout(240)
def test_second_night_against_a_slower_sandbox_is_a_regression_and_the_log_says_of_what(scripts):
    hook = {
        "HOOK": 'echo "$OUTCOME $STATUS" >> "heard of"',
        "RUNS": "5",
        "MARGIN": "90%",
        "RETRIES": "5",
    }

    first = scripts("nightly.sh", "the plan.toml", "--tag", "commit=a b", **hook)
    second = scripts("nightly.sh", "the plan.toml", WEDLOAD_SANDBOX_SLOW=SLOW, **hook)

    assert first.returncode == 0, first.stderr
    assert first.stderr == ""  # nothing for cron to mail
    assert second.returncode == 1, second.stderr
    one, two = scripts.nights()
    log = (two / "log.txt").read_text()
    assert "comparing with load-history/the plan/" in log
    assert "comparison: REGRESSION" in log
    assert worse_in(log) == {"search p50"}
    assert "comparison: REGRESSION" in second.stderr  # for cron to mail
    assert (scripts.history / "last-good").read_text().strip() == one.name
    assert (scripts.folder / "heard of").read_text() == "pass 0\nregression 1\n"
    results = [read_result(path) for path in sorted(one.glob("results/*.json"))]
    assert len(results) == 5
    assert {result.run.tags["commit"] for result in results} == {"a b"}


def test_signal_ends_the_run_with_clean_up_and_keeps_its_result(scripts):
    plan = (scripts.folder / "the plan.toml").read_text().replace('"1s"', '"60s"')
    (scripts.folder / "the plan.toml").write_text(plan)
    started = scripts.start("nightly.sh", "the plan.toml")
    deadline = time.monotonic() + DEADLINE_S
    while not any("of 01:00" in p.read_text() for p in scripts.history.glob("*/log.txt")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)  # of load

    started.terminate()

    assert started.wait(DEADLINE_S) == 4, started.stdout.read()
    assert "interrupted (exit code 4)" in started.stdout.read()
    started.stdout.close()
    (night,) = scripts.nights()
    assert read_result(night / "results" / "1.json").run.interrupted
