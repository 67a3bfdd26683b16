"""The kill switch: a command that ends every run, and a file that does."""

from __future__ import annotations

import json
import os
import signal

from tests.helpers.realtime_plans import room
from tests.helpers.steered import folder_of, until


def stop_file(wedload):
    return folder_of(wedload) / "STOP"


def test_stop_all_ends_every_run_and_tells_each_answer(wedload, run, plan):
    second = wedload.start("run", plan)
    until(second, lambda: len(list(folder_of(wedload).glob("*.sock"))) == 2)

    done = wedload("ctl", "stop", "--all")

    assert done.code == 0, done.err
    answers = json.loads(done.out)["runs"]
    assert [one["stopping"] for one in answers] == [True, True]
    ended = run.wait()
    assert ended.code == second.wait().code == 130
    assert ended.result["run"]["id"] in {one["run"] for one in answers}


def test_a_run_that_does_not_answer_is_named_with_its_process(wedload, run):
    run.signal(signal.SIGSTOP)
    try:
        done = wedload("ctl", "stop", "--all")
    finally:
        run.signal(signal.SIGCONT)

    assert done.code == 4
    (silent,) = json.loads(done.out)["runs"]
    assert silent["pid"] == run.process.pid
    assert f"does not answer (pid {run.process.pid})" in done.err
    assert f"kill -9 {run.process.pid}" in " ".join(done.err.split())


def test_stop_now_is_a_second_interrupt(wedload, run):
    assert json.loads(wedload("ctl", "stop", "--all", "--now").out)["runs"][0]["now"] is True

    done = run.wait()

    assert done.code == 130
    assert "stopped at once: nothing was judged, and nothing cleaned up" in " ".join(
        done.err.split()
    )
    assert run.left() == []


def test_without_a_run_there_is_none_to_stop_and_no_failure(wedload):
    done = wedload("ctl", "stop", "--all")

    assert done.code == 0, done.err
    assert json.loads(done.out) == {"runs": []}


def test_all_and_one_are_not_both(wedload):
    done = wedload("ctl", "stop", "--all", "--run", "x")

    assert done.code == 2
    assert "--all is about every run" in done.err


def test_a_stop_file_ends_a_run_with_its_reason_and_its_verdict(wedload, run, ctl):
    assert ctl("status")["stop_file"] == str(stop_file(wedload))
    stop_file(wedload).write_text("the database is being moved\n")

    done = run.wait()

    assert done.code == 130, done.err
    said = f"by the stop file {stop_file(wedload)} (the database is being moved)"
    assert f"stopped {said}" in " ".join(done.err.split())
    assert f"The run was stopped {said}" in json.dumps(done.result["validity"]["findings"])
    assert done.result["cleanup"] is not None


def test_no_run_begins_while_there_is_a_stop_file(wedload, server, small):
    folder_of(wedload).mkdir(mode=0o700)
    stop_file(wedload).write_text("not today\n")

    done = wedload("run", small)

    assert done.code == 2
    told = " ".join(done.err.split())
    assert f"there is the stop file {stop_file(wedload)}, which says: not today" in told
    assert f"rm {stop_file(wedload)}" in told
    assert server.requests == []
    stop_file(wedload).unlink()
    assert wedload("run", small).code == 0


def test_the_environment_may_name_another_file(wedload, small, tmp_path):
    halt = tmp_path / "halt"
    halt.touch()

    done = wedload("run", small, env={"WEDLOAD_STOP_FILE": os.fspath(halt)})

    assert done.code == 2
    assert f"there is the stop file {halt}" in " ".join(done.err.split())


def test_no_load_begins_if_the_stop_file_appears_while_publishers_connect(wedload):
    """One does so in its turn, up to three seconds after subscribers have joined."""
    text = room(subscribers=1, scenario='executor = "constant-vus"\nvus = 1\nduration = "1m"')
    text = text.replace("sandbox = true", 'sandbox = true\nmax_rate = "20/m"')
    started = wedload.start("run", wedload.plan(text))
    started.wait_for("joining: 1 of 1")
    stop_file(wedload).touch()
    done = started.wait()

    assert done.code == 130, done.err
    assert "before the load; nothing to judge" in done.err
    assert done.out == ""
