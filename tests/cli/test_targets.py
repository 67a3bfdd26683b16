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
    [
        "http://169.254.169.254",
        "http://255.255.255.255:80",
        "https://[fe80::1]",
        "http://2852039166",
    ],
)
def test_target_to_which_no_load_ever_goes_is_refused(wedload, small, base_url):
    began = time.monotonic()

    done = wedload("run", small, "--set", f"targets.local.base_url={base_url}")

    assert time.monotonic() - began < 20
    assert done.code == 2, done.err
    assert "no load ever goes there" in done.err
    assert done.out == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_this_machine_needs_no_proof_however_it_is_written(wedload, server, small, host):
    url = server.url.replace("127.0.0.1", host)

    done = wedload("run", small, "--once", "--set", f"targets.local.base_url={url}")

    assert done.code == 0, done.err
    assert [path for _, path, _ in server.requests] == ["/look"]


@pytest.mark.parametrize(
    ("base_url", "told"),
    [
        ("http://169.254.169.254", "target local: a run will refuse it: 169.254.169.254 is where"),
        ("http://www.acme.com", "target local: a run will refuse it: www.acme.com looks like prod"),
        ("http://192.0.2.1", "local: 192.0.2.1 needs a proof; `wedload prove http://192.0.2.1`"),
        ("http://shop", "target local: shop needs a proof, unless it is this machine"),
        ("http://[::1]", ""),
        ("http://localhost", ""),
    ],
)
def test_check_tells_what_a_target_lacks(wedload, small, base_url, told):
    done = wedload("check", small, "--set", f"targets.local.base_url={base_url}")

    assert done.code == 0, done.err
    said = " ".join(done.out.split())
    assert told in said if told else "target local:" not in said


ROOM = '[channels.room]\nrealtime = "websocket"\nurl = "ws://192.0.2.1/ws"\nkey = "json.id"\n'


def test_channel_elsewhere_is_refused_before_anything_is_asked_of_the_target(wedload, small):
    done = wedload("run", wedload.plan(small.read_text() + ROOM))

    assert done.code == 2, done.err
    assert "plan.toml:20: channels.room.url: channel room (ws://192.0.2.1/ws): 192." in done.err
    assert "hint: start it here, or forward a port of it" in done.err
    assert done.out == ""


def test_check_tells_of_a_channel_that_a_run_will_refuse(wedload, small):
    done = wedload("check", wedload.plan(small.read_text() + ROOM))

    assert done.code == 0, done.err
    assert done.out.count("a run will refuse channel room: 192.0.2.1 is not on loopback") == 1


def test_step_that_goes_elsewhere_is_refused_with_its_place(wedload, server, small):
    text = small.read_text().replace("GET /look", "GET http://192.0.2.1/look")

    done = wedload("run", wedload.plan(text), "--once")

    assert done.code == 2, done.err
    assert "plan.toml:14: workflows.visit[0].http: " in done.err
    assert "192.0.2.1 is not on loopback, and the target does not declare it" in done.err
    assert server.requests == []


def test_step_that_a_template_leads_elsewhere_is_refused_request_by_request(wedload, small):
    text = small.read_text().replace("GET /look", "GET ${env.WEDLOAD_FAR}/look")

    done = wedload("run", wedload.plan(text), "--once", env={"WEDLOAD_FAR": "http://192.0.2.1"})

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
    assert done.out.count("a run will refuse proxy far: 192.0.2.1 is not on loopback") == 1
    assert "proxy near" not in done.out
