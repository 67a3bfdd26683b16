"""Targets that are not there, or to which no load may go."""

from __future__ import annotations

import socket
import time

import pytest


def dead_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        ("http://127.0.0.1:{port}", "Connection refused"),
        ("http://[::1]:{port}", "cannot be reached"),
        ("http://no-such-host.invalid:{port}", "cannot be reached"),
    ],
    ids=["refused", "refused_ipv6", "unknown_name"],
)
def test_dead_target_exits_with_4_within_seconds_and_one_message(wedload, small, base_url, reason):
    url = base_url.format(port=dead_port())
    began = time.monotonic()

    done = wedload("run", small, "--set", f"targets.local.base_url={url}")

    assert time.monotonic() - began < 20
    assert done.code == 4, done.err
    assert done.out == ""
    told = [line for line in done.err.splitlines() if not line.startswith("connecting to")]
    assert len(told) == 2, done.err
    assert told[0].startswith(f"error: target local ({url}) cannot be reached: ")
    assert reason in told[0]
    assert told[1] == "  hint: is it running, and is the address right?"
    assert wedload.files() == []


@pytest.mark.parametrize(
    "base_url",
    ["http://192.0.2.1", "http://0.0.0.0:80", "https://198.51.100.7:8443", "http://[2001:db8::1]"],
)
def test_target_that_is_not_on_loopback_is_refused(wedload, small, base_url):
    began = time.monotonic()

    done = wedload("run", small, "--set", f"targets.local.base_url={base_url}")

    assert time.monotonic() - began < 20
    assert done.code == 2, done.err
    assert "this machine only" in done.err
    assert "hint: start it here, or forward a port of it" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("base_url", "told"),
    [("http://192.0.2.1", 1), ("http://[2001:db8::1]", 1), ("http://[::1]", 0), ("http://shop", 0)],
)
def test_check_tells_of_an_address_that_a_run_will_refuse(wedload, small, base_url, told):
    done = wedload("check", small, "--set", f"targets.local.base_url={base_url}")

    assert done.code == 0, done.err
    assert done.out.count("a run will refuse this target: ") == told


ROOM = '[channels.room]\nrealtime = "websocket"\nurl = "ws://192.0.2.1/ws"\nkey = "json.id"\n'


def test_channel_elsewhere_is_refused_before_anything_is_asked_of_the_target(wedload, small):
    done = wedload("run", wedload.plan(small.read_text() + ROOM))

    assert done.code == 2, done.err
    assert done.err.startswith("error: channel room (ws://192.0.2.1/ws): 192.0.2.1 is not on loop")
    assert "hint: start it here, or forward a port of it" in done.err
    assert done.out == ""


def test_check_tells_of_a_channel_that_a_run_will_refuse(wedload, small):
    done = wedload("check", wedload.plan(small.read_text() + ROOM))

    assert done.code == 0, done.err
    assert done.out.count("a run will refuse the channel room: 192.0.2.1 is not on loopback") == 1


def test_step_that_goes_elsewhere_is_refused_request_by_request(wedload, small):
    text = small.read_text().replace("GET /look", "GET http://192.0.2.1/look")

    done = wedload("run", wedload.plan(text), "--once")

    assert done.code == 1, done.err
    assert done.result["steps"][0]["outcomes"] == {"blocked": 1}
    assert ": 192.0.2.1 is not on loopback" in done.err


def test_set_up_that_fails_exits_with_4_and_says_which_step(wedload, server, small):
    text = small.read_text().replace(
        "[[workflows.visit]]",
        '[[setup]]\nname = "make it"\nhttp = "GET /make"\nexpected_status = [201]\n'
        "[[workflows.visit]]",
        1,
    )

    done = wedload("run", wedload.plan(text))

    assert done.code == 4, done.err
    assert "set-up failed: make it: status 200" in done.err
    assert [path for _, path, _ in server.requests] == ["/make"]
    assert done.out == ""


def test_check_tells_of_a_proxy_that_a_run_will_refuse(wedload, small):
    proxies = '[proxies.near]\nupstream = "127.0.0.1:5432"\n'
    proxies += '[proxies.far]\nupstream = "192.0.2.1:5432"\n'

    done = wedload("check", wedload.plan(small.read_text() + proxies))

    assert done.code == 0, done.err
    assert done.out.count("a run will refuse the proxy far: 192.0.2.1 is not on loopback") == 1
    assert "the proxy near" not in done.out
