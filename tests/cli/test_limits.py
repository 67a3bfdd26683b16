"""What the command line says of the machine's limits, before any load."""

from __future__ import annotations

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from tests.helpers.open_files import at_most


def test_check_shows_what_a_plan_needs_of_this_machine(wedload, plans):
    done = wedload("check", plans / "smoke.toml")

    assert done.code == 0, done.err
    assert "needs about 84 open files" in done.out
    assert "local ports" in done.out
    assert "the limit is" not in done.out


def test_check_warns_of_a_limit_that_would_refuse_the_run(wedload, plans):
    done = wedload("check", plans / "smoke.toml", under=at_most(80))

    assert done.code == 0, done.err
    told = " ".join(done.out.split())
    assert "(limit 80)" in told
    assert "This plan needs about 84 open files, the limit is 80; raise it before the run" in told


@pytest.mark.parametrize("files", [60, 65])
def test_run_that_would_run_out_of_files_exits_with_2_before_any_request(
    wedload, server, small, files
):
    done = wedload("run", small, under=at_most(files))

    assert done.code == 2, done.err
    assert f"this plan needs about 66 open files, the limit is {files}" in done.err
    assert "ulimit -n 128" in done.err
    assert "Traceback" not in done.err
    assert server.requests == []
    assert wedload.files() == []


def test_check_tells_what_is_sure_from_what_may_be(wedload, small):
    text = small.read_text().replace("constant-vus", "constant-arrival-rate")
    plan = wedload.plan(text.replace("vus = 2\n", "rate = 10\n").replace('pace = "20ms"\n', ""))

    done = wedload("check", plan, under=at_most(200))

    assert done.code == 0, done.err
    told = " ".join(done.out.split())
    assert "needs about 65 open files, 1,064 at most (limit 200)" in told
    assert "this plan may need up to about 1,064 open files, the limit is 200" in told
    assert "(max_vus), or raise the limit before the run: ulimit -n 2048" in told


def test_check_warns_of_more_than_a_realtime_service_allows(wedload):
    limits = 'vus = 1\npace = "100ms"', 'subscribers = 5\nlimits = { messages = "40/s" }'
    text = WITH_CHANNELS.replace("vus = 1", limits[0]).replace("subscribers = 5", limits[1])

    done = wedload("check", wedload.plan(text))

    assert done.code == 0, done.err
    told = " ".join(done.out.split())
    assert "is asked for up to 20 messages a second, 100 to its 5 subscribers together" in told
    assert "needs from the environment: WEDLOAD_WEBHOOK_SECRET (not set)" in told


def test_check_warns_of_more_subscribers_than_there_can_be_open_files(wedload):
    plan = wedload.plan(WITH_CHANNELS.replace("subscribers = 5", "subscribers = 500"))

    done = wedload("check", plan, under=at_most(200))

    assert done.code == 0, done.err
    assert (
        "The process that listens to this plan's channels needs about 565 open files, one for "
        "each subscriber, the limit is 200; raise it before the run"
    ) in " ".join(done.out.split())
