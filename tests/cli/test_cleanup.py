"""`wedload cleanup`: which runs it finds, what it sends, what it says, and its exit codes."""

from __future__ import annotations

import signal
import time
from dataclasses import replace

import pytest

from tests.helpers.journals import HEAD, sign_in
from tests.helpers.ports import free_port
from wedload.safety.journal.run_journal import open_run_journal
from wedload.safety.journal.writer import Person, open_load_journal
from wedload.workload.request import Origin, Request

RUN = "20261127-050000-abcd"
KEY = "hunter2-and-more"
SECRETS = {("env", "WEDLOAD_KEY"): KEY}
ENV = {"WEDLOAD_KEY": KEY}
PLAN = """\
schema = 1
name = "forms"
[targets.here]
base_url = "{url}"
[identities.supplier]
http = "POST /sign-in"
json = {{ key = "${{env.WEDLOAD_KEY}}" }}
headers = {{ X-Who = "supplier" }}
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[setup]]
http = "POST /tenants"
capture = {{ tenant = "json.id" }}
[[workflows.visit]]
http = "POST /forms"
as = "supplier"
cleanup = "DELETE /forms/1"
[[teardown]]
http = "POST /close/${{tenant}}"
[cleanup]
sweep = "DELETE /runs/${{run.id}}"
"""


class Left:
    """What a run has left: its journal, as the run wrote it."""

    def __init__(self, wedload, url: str, run_id: str = RUN, runs: str = ".wedload/runs") -> None:
        self.folder = wedload.folder / runs / run_id / "journal"
        head = replace(
            HEAD, run_id=run_id, plan_text=PLAN.format(url=url), base_url=url, overrides=(),
            plan_folder=str(wedload.folder),
        )  # fmt: skip
        self.run = open_run_journal(str(self.folder), head, SECRETS)
        self.run.captured({"tenant": "t-1"})
        host, _, port = url.removeprefix("http://").partition(":")
        self._origin = Origin("http", host, int(port))

    def created(self, *paths: str) -> Left:
        """By a supplier; the run is gone then."""
        load, person = open_load_journal(str(self.folder), 0, SECRETS), Person()
        asked = Request(self._origin, "POST", b"/sign-in", b"", b'{"key":"%b"}' % KEY.encode())
        load.signed_in(person, sign_in(request=asked), ())
        for path in paths:
            number = load.intend()
            request = Request(self._origin, "DELETE", path.encode(), b"", None)
            load.created(number, request, person, 0, frozenset(), None, None)
        load.close()
        self.run.close()
        return self


def lines(server) -> list[str]:
    return [f"{method} {path}" for method, path, _ in server.requests]


def test_what_runs_have_left_is_listed_and_nothing_is_sent(wedload, server):
    Left(wedload, server.url).created("/forms/1", "/forms/2")
    Left(wedload, server.url, "20261126-000000-ffff").created()

    done = wedload("cleanup", "--list", env=ENV)

    assert done.code == 0, done.err
    newest, older = done.result["runs"]
    assert (newest["run"], newest["left"], newest["going"]) == (RUN, 2, False)
    assert (older["run"], older["left"]) == ("20261126-000000-ffff", 0)
    assert f"plan.toml → here ({server.url}): 2 left\n" in done.err
    assert "): 0 left, but clean-up has not come to its end\n" in done.err
    assert server.requests == []


def test_all_that_runs_have_left_is_deleted_the_newest_run_first(wedload, server):
    Left(wedload, server.url).created("/forms/1", "/forms/2")
    Left(wedload, server.url, "20261126-000000-ffff").created("/forms/3")

    done = wedload("cleanup", env=ENV)

    assert done.code == 0, done.err
    first = [
        "POST /close/t-1", "POST /sign-in", "DELETE /forms/2", "DELETE /forms/1",
        f"DELETE /runs/{RUN}",
    ]  # fmt: skip
    assert sorted(lines(server)[:5]) == sorted(first)
    assert (lines(server)[0], lines(server)[4]) == (first[0], first[4])
    assert "DELETE /runs/20261126-000000-ffff" in lines(server)
    shown = [
        headers for headers, line in zip(server.headers, lines(server), strict=True)
        if line.startswith("DELETE /forms")
    ]  # fmt: skip
    assert {one["X-Who"] for one in shown} == {"supplier"}
    counts = ("created", "deleted", "leaked", "unknown")
    assert [done.result[name] for name in counts] == [3, 3, 0, 0]
    assert not (wedload.folder / ".wedload").exists()
    assert KEY not in done.err + done.out


def test_what_is_not_deleted_stays_and_is_tried_again_without_tearing_down_once_more(
    wedload, server
):
    left = Left(wedload, server.url, runs="elsewhere").created("/forms/1", "/forms/2")
    server.fails = lambda path: path == "/forms/1"

    done = wedload("cleanup", RUN, "--runs", "elsewhere", env=ENV)

    assert done.code == 1, done.err
    assert "1 left: status 500" in done.err
    assert (done.result["deleted"], done.result["leaked"]) == (1, 1)
    assert left.folder.exists()

    server.requests.clear()
    server.fails = lambda _: False
    again = wedload("cleanup", RUN, "--runs", "elsewhere", env=ENV)

    assert again.code == 0, again.err
    assert lines(server) == ["POST /sign-in", "DELETE /forms/1", f"DELETE /runs/{RUN}"]
    assert (again.result["created"], again.result["deleted"]) == (2, 2)
    assert (wedload.folder / "elsewhere").exists()
    assert list((wedload.folder / "elsewhere").iterdir()) == []


def test_a_run_that_goes_on_is_left_alone_and_named(wedload, server):
    left = Left(wedload, server.url)  # its coordinator lives: here

    done = wedload("cleanup", env=ENV)

    assert done.code == 0, done.err
    assert f"{RUN} goes on, or is cleaned up after already" in done.err
    assert done.result["going"] == [RUN]
    assert server.requests == []
    assert left.folder.exists()
    left.run.close()


@pytest.mark.parametrize(
    ("run_id", "code", "expected"),
    [
        (RUN[:-1] + "e", 2, f"hint: did you mean {RUN}?"),
        ("nothing-like-it", 2, f"hint: runs that left something: {RUN}"),
        ("20261125-000000-aaaa", 0, "has left nothing: it has no journal any more"),
    ],
)
def test_a_run_without_a_journal_is_none_or_has_left_nothing(
    wedload, server, run_id, code, expected
):
    Left(wedload, server.url).created("/forms/1")
    (wedload.folder / ".wedload" / "runs" / "20261125-000000-aaaa").mkdir()

    done = wedload("cleanup", run_id, env=ENV)

    assert done.code == code
    assert expected in done.err
    assert server.requests == []


def test_where_no_run_has_left_anything_there_is_nothing_to_do(wedload):
    done = wedload("cleanup")

    assert (done.code, done.result["created"]) == (0, 0)
    assert "nothing to clean up" in done.err


def test_what_the_plan_reads_of_the_environment_is_asked_for_by_name(wedload, server):
    Left(wedload, server.url).created("/forms/1")

    done = wedload("cleanup")

    assert done.code == 2, done.err
    assert done.err.count("the environment variable WEDLOAD_KEY is not set") == 1
    assert server.requests == []


def test_a_target_that_is_not_there_is_said_and_the_journal_stays(wedload):
    url = f"http://127.0.0.1:{free_port()}"
    left = Left(wedload, url).created("/forms/1")

    done = wedload("cleanup", env=ENV)

    assert done.code == 4, done.err
    assert url in done.err
    assert left.folder.exists()


def test_a_clean_up_whose_load_process_is_lost_says_how_far_it_had_come(wedload, server):
    Left(wedload, server.url).created("/forms/1", "/forms/2", "/forms/3")
    server.delay_s = lambda path: 60.0 if path == "/forms/1" else 0.0
    run = wedload.start("cleanup", env=ENV)
    run.wait_until(lambda: "DELETE /forms/1" in lines(server), "clean-up")
    run.wait_until(lambda: len(lines(server)) == 5, "clean-up")
    time.sleep(0.5)
    run.descendants_with("fleet.worker")[0].kill()
    done = run.wait()

    assert done.code == 1, done.err
    assert [done.result[name] for name in ("created", "deleted", "leaked")] == [3, 2, 1]


CREATING = """\
schema = 1
name = "creating"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "constant-vus"
vus = 4
duration = "{duration}"
pace = "20ms"
workflow = "make"
[[workflows.make]]
name = "make"
http = "POST /things/${{vu}}-${{iteration}}"
cleanup = "DELETE /things/${{vu}}-${{iteration}}"
"""


def paths(server, method: str) -> set[str]:
    return {path for one, path, _ in server.requests if one == method}


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_lost_load_process_has_created_another_one_deletes(wedload, server, workers):
    plan = wedload.plan(CREATING.format(url=server.url, duration="30s"))
    run = wedload.start("run", plan, "--workers", workers, "-o", "r.json")
    run.wait_until(lambda: len(paths(server, "POST")) > 40, "load")

    run.descendants_with("fleet.worker")[0].kill()
    done = run.wait()

    assert done.code == 3, done.err
    created = paths(server, "POST")
    cleanup = done.result["cleanup"]
    assert (cleanup["leaked"], cleanup["created"]) == (0, cleanup["deleted"])
    # one whose answer nobody was there to take may have created something, and nothing names it
    assert len(created - paths(server, "DELETE")) <= cleanup["uncertain"] <= 4
    assert wedload.files() == ["r.json"]


def test_a_run_that_was_stopped_at_once_says_what_finishes_it(wedload, server):
    run = wedload.start("run", wedload.plan(CREATING.format(url=server.url, duration="30s")))
    run.wait_until(lambda: len(paths(server, "POST")) > 40, "load")
    run.signal(signal.SIGINT)
    run.wait_for("interrupt again to stop at once")
    run.signal(signal.SIGINT)
    done = run.wait()

    assert done.code == 130, done.err
    (run_id,) = [one.name for one in (wedload.folder / ".wedload" / "runs").iterdir()]
    assert f"`wedload cleanup {run_id}` deletes what is left of the run" in done.err
    created = paths(server, "POST")
    again = wedload("cleanup", run_id)
    assert len(created - paths(server, "DELETE")) <= again.result["unknown"]
    assert again.result["leaked"] == 0


SETTING_UP = """\
schema = 1
name = "setting up"
[targets.local]
base_url = "{url}"
[[setup]]
http = "POST /venues"
capture = {{ venue = "status" }}
[[setup]]
http = "POST /guests"
[[teardown]]
http = "DELETE /venues/${{venue}}"
[[teardown]]
http = "DELETE /guests"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "400ms"
pace = "100ms"
workflow = "look"
[[workflows.look]]
http = "GET /look"
"""


def test_what_set_up_has_made_until_it_failed_is_torn_down(wedload, server):
    server.fails = lambda path: path == "/guests"
    done = wedload("run", wedload.plan(SETTING_UP.format(url=server.url)))

    assert done.code == 4, done.err
    assert "set-up failed" in done.err
    assert lines(server)[-2:] == ["DELETE /venues/200", "DELETE /guests"]
    assert "deletes what is left of the run" in done.err  # the second failed

    server.fails = lambda _: False
    assert wedload("cleanup").code == 0
    assert wedload("cleanup").result["runs"] == []


def test_set_up_that_is_interrupted_is_torn_down(wedload, server):
    server.delay_s = lambda path: 1.0 if path == "/guests" else 0.0
    run = wedload.start("run", wedload.plan(SETTING_UP.format(url=server.url)))
    run.wait_until(lambda: "POST /guests" in lines(server), "set-up")
    run.signal(signal.SIGINT)
    done = run.wait()

    assert done.code == 130, done.err
    assert lines(server)[-2:] == ["DELETE /venues/200", "DELETE /guests"]
    assert "wedload cleanup" not in done.err
    assert wedload("cleanup").result["runs"] == []


def test_tear_down_that_fails_fails_the_run_and_is_tried_again(wedload, server):
    server.fails = lambda path: path.startswith("/venues/")
    done = wedload("run", wedload.plan(SETTING_UP.format(url=server.url)))

    assert (done.code, done.result["verdict"]) == (1, "fail"), done.err
    run_id = done.result["run"]["id"]
    (reason,) = done.result["reasons"]
    assert reason.startswith("Tear-down failed: ")
    assert f"`wedload cleanup {run_id}` goes on with it" in reason

    server.requests.clear()
    server.fails = lambda _: False
    again = wedload("cleanup", run_id)
    assert again.code == 0, again.err
    assert lines(server) == ["DELETE /venues/200", "DELETE /guests"]
