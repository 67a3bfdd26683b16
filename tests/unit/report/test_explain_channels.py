"""Channels, explained before a run."""

from __future__ import annotations

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from tests.helpers.tables import LONG, widths
from wedload.plan.loader import load_plan
from wedload.report.explain import estimate_scenario, explain
from wedload.workload.compile_plan import Settings, compile_workload


@pytest.fixture
def explained(tmp_path, console):
    """What is said about a plan, as one line of words."""

    def of(text):
        (tmp_path / "plan.toml").write_text(text)
        loaded = load_plan(tmp_path / "plan.toml")
        workload = compile_workload(loaded.plan, Settings("there", "http://127.0.0.1:8000"))
        explain(loaded, workload, "there", console)
        said = console.export_text()
        assert max(widths(said)) <= 80
        return " ".join(said.split())

    return of


def test_each_channel_is_told_with_where_it_is_and_who_expects_something(explained):
    said = explained(WITH_CHANNELS)

    assert "channel kind listens" in said
    assert (
        "hooks webhook a receiver /hooks on 127.0.0.1, any free port; signed by standard-webhooks "
        "expected by is told"
    ) in said
    assert (
        "status supabase 5 subscribers /realtime/v1/websocket, topic realtime:orders "
        "expected by is shown, say it"
    ) in said


def test_a_rate_is_told_where_the_schedule_says_it(explained):
    paced = WITH_CHANNELS.replace("vus = 1", 'vus = 8\npace = "2s"')

    assert "up to 8 messages a second, 40 to all subscribers together" in explained(paced)


def test_no_rate_is_told_that_nobody_knows(explained):
    assert "messages a second" not in explained(WITH_CHANNELS)


def test_a_channel_that_nobody_awaits_is_told_as_such(explained):
    more = f"""\
[channels."{LONG}"]
webhook = "/{LONG.replace(" ", "-")}"
listen = "127.0.0.1:8443"
tls = {{ cert = "a.pem", key = "a.key" }}
signature = {{ scheme = "none" }}
key = "text"
"""
    said = explained(WITH_CHANNELS + more)

    assert "on 127.0.0.1, port 8443, with TLS; not signed" in said
    assert "no step expects anything: whatever comes is counted as unexpected" in said


def test_what_follows_in_an_address_may_be_a_secret_and_is_not_told(explained):
    said = explained(WITH_CHANNELS.replace("/v1/websocket", "/v1/websocket?apikey=hush"))

    assert "hush" not in said


def test_a_wait_is_no_request(tmp_path):
    (tmp_path / "plan.toml").write_text(WITH_CHANNELS)
    plan = load_plan(tmp_path / "plan.toml").plan
    workload = compile_workload(plan, Settings("there", "http://127.0.0.1:8000"))

    estimate = estimate_scenario(plan, workload.scenarios[0])

    assert estimate.requests == pytest.approx(2 * estimate.iterations)
