"""Runs with channels that end otherwise than planned: nothing is lost, and what is said is true."""

from __future__ import annotations

import re
import signal

import pytest

from tests.helpers.realtime_plans import room

EARS = "wedload.fleet.ears_worker"
STEADY = 'executor = "constant-arrival-rate"\nrate = "20/s"\nduration = "30s"\nmax_vus = 20'


@pytest.fixture
def listening(wedload):
    """A run with subscribers, under way for longer than any test."""

    def start(env: dict[str, str] | None = None, **keys: object):
        plan = wedload.plan(room(scenario=STEADY, **keys))
        run = wedload.start("run", plan, "-o", "r.json", env=env)
        run.under_load(1.0)
        return run

    return start


def test_an_interrupt_waits_for_what_was_caused_and_judges(wedload, listening):
    run = listening()
    run.signal(signal.SIGINT)
    done = run.wait()
    assert done.code == 130, done.err
    (channel,) = done.result["channels"]
    assert channel["expected"] == channel["delivered"] > 0
    assert channel["undecided"] == 0
    assert "subscribers are joining: all have" in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_what_is_not_decided_when_an_interrupted_run_ends_is_counted_apart(wedload, listening):
    """It waits for seconds, not until the last deadline; nothing is called lost before its time."""
    run = listening(within="10m", env={"WEDLOAD_SANDBOX_REALTIME_WEAKNESS": "lose=1/10"})
    run.signal(signal.SIGINT)
    done = run.wait()
    assert done.code == 130, done.err
    (channel,) = done.result["channels"]
    assert channel["undecided"] > 0
    assert channel["missed"] == 0
    assert channel["delivered"] == channel["expected"] > 0
    assert "undecided" in " ".join(f["kind"] for f in done.result["validity"]["findings"])


def test_killed_ears_make_the_run_invalid_and_are_named(wedload, listening):
    run = listening()
    (ears,) = run.descendants_with(EARS)
    ears.send_signal(signal.SIGKILL)
    done = run.wait()
    assert done.code == 3, done.err
    result = done.result
    (finding,) = [f for f in result["validity"]["findings"] if f["kind"] == "worker-lost"]
    said = rf"The process that listens to the channels \(pid {ears.pid}\) was lost: signal 9"
    assert re.match(said, finding["message"])
    assert result["metrics"]["publishes"]["count"] > 0
    assert result["run"]["duration_s"] < 25  # the load was ended: what it causes nobody hears
    assert "Traceback" not in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_killed_wedload_takes_the_ears_and_their_files_along(wedload, listening):
    run = listening()
    run.descendants()
    run.signal(signal.SIGKILL)
    run.wait()
    assert run.left(within_s=10) == []
    assert {name for name in wedload.temporary_files() if "ears" in name} == set()


def test_subscribers_that_cannot_join_end_a_run_before_its_load(wedload):
    """With what the server says, and without the key that it was shown."""
    plan = wedload.plan(
        room(scenario=STEADY).replace("${env.WEDLOAD_SUPPLIER_KEY}", "${env.WEDLOAD_OTHER_KEY}")
    )
    done = wedload("run", plan, env={"WEDLOAD_OTHER_KEY": "a-key-of-nobody"})
    assert done.code == 4, done.err
    assert re.search(r"error: \S+\.toml:\d+: channel room: ", done.err)
    assert "401" in done.err
    assert "a-key-of-nobody" not in done.err
    assert "Traceback" not in done.err
    assert wedload.temporary_files() == []


def test_a_port_that_is_taken_ends_a_run_before_its_set_up(wedload, server):
    port = server.url.rpartition(":")[2]
    plan = wedload.plan(f"""\
schema = 1
name = "hooks"
[targets.local]
base_url = "{server.url}"
[channels.hooks]
webhook = "/hooks"
listen = "127.0.0.1:{port}"
signature = {{ scheme = "none" }}
key = "json.id"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "GET /"
[[setup]]
http = "POST /register"
json = {{ url = "${{channels.hooks.url}}" }}
""")
    done = wedload("run", plan)
    assert done.code == 4, done.err
    assert f"error: {plan}:5: channel hooks: cannot listen on 127.0.0.1:{port}" in done.err
    assert "port 0" in done.err
    assert server.requests == []


def test_an_interrupt_while_subscribers_join_ends_the_run_soon(wedload):
    """They would take a quarter of an hour."""
    plan = wedload.plan(room(scenario=STEADY, subscribers=1_000).replace("1000/s", "1/s"))
    run = wedload.start("run", plan)
    run.wait_for("subscribers are joining: 1 of 1,000")
    run.signal(signal.SIGINT)
    done = run.wait()
    assert done.code == 130, done.err
    assert "nothing to judge" in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_check_tells_of_a_certificate_that_is_not_there(wedload, small):
    text = small.read_text() + (
        '[channels.hooks]\nwebhook = "/hooks"\nkey = "json.id"\nsignature = { scheme = "none" }\n'
        'tls = { cert = "nope.pem", key = "nope.key" }\n'
    )

    done = wedload("check", wedload.plan(text))

    assert done.code == 0, done.err
    for file in ("nope.pem", "nope.key"):
        assert f"a run will refuse the channel hooks: tls: {file} cannot be read from here" in (
            " ".join(done.out.split())
        )


def test_all_limits_that_a_plan_exceeds_are_told_when_it_starts(wedload, small):
    room = (
        '[channels.room]\nrealtime = "websocket"\nurl = "/nowhere"\nkey = "json.id"\n'
        "subscribers = 3\nlimits = { connections = 1 }\n"
    )
    text = small.read_text() + room + room.replace("channels.room", "channels.hall")

    done = wedload("run", wedload.plan(text))

    said = " ".join(done.err.split())
    for name in ("room", "hall"):
        assert (
            f'warning, the channel "{name}" has 3 subscribers, and its service allows 1 at the '
            "same time (limits.connections): take fewer subscribers"
        ) in said
