"""Runs through tinyproxy: what a person writes, and what they are told when it does not work."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time

import pytest

USER, PASSWORD = "load", "canary-of-a-proxy-8841"
DEADLINE_S = 30
PROXIED = 'proxy = "http://${env.WEDLOAD_PROXY_USER}:${env.WEDLOAD_PROXY_PASSWORD}@127.0.0.1:%d"'


@pytest.fixture
def tinyproxy(tmp_path):
    """The port of a tinyproxy that wants credentials, and the file that it logs to."""
    program = shutil.which("tinyproxy")
    assert program is not None, "tinyproxy is missing; .ci/run installs it (tinyproxy-bin)"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    log = tmp_path / "tinyproxy.log"
    settings = tmp_path / "tinyproxy.conf"
    settings.write_text(
        f'Port {port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nLogFile "{log}"\n'
        f"LogLevel Connect\nBasicAuth {USER} {PASSWORD}\n"
    )
    process = subprocess.Popen([program, "-d", "-c", str(settings)])
    deadline = time.monotonic() + DEADLINE_S
    while True:
        with socket.socket() as trying:
            if trying.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield port, log
    process.terminate()
    process.wait()


def proxied(small, port: int) -> str:
    """The small plan through a proxy, each iteration on a new connection: tinyproxy closes them."""
    return small.read_text().replace(
        "[scenarios.main]",
        f'{PROXIED % port}\n[http]\nclient = "aiohttp"\nconnections = "per-iteration"\n'
        "[scenarios.main]",
        1,
    )


def test_a_run_goes_through_a_proxy_and_its_password_is_nowhere(wedload, small, server, tinyproxy):
    port, log = tinyproxy

    done = wedload(
        "run", wedload.plan(proxied(small, port)), "-o", "r.json",
        env={"WEDLOAD_PROXY_USER": USER, "WEDLOAD_PROXY_PASSWORD": PASSWORD},
    )  # fmt: skip

    assert done.code == 0, done.err
    assert f"connecting to proxy http://127.0.0.1:{port}" in done.err
    requests = done.result["metrics"]["http_reqs"]["count"]
    assert requests == len(server.requests) > 10
    assert log.read_text().count("GET http://127.0.0.1") == requests
    for path in [p for p in wedload.folder.rglob("*") if p.is_file()]:
        assert PASSWORD not in path.read_bytes().decode("latin-1")
    assert PASSWORD not in done.out + done.err


def test_credentials_that_are_missing_are_a_mistake_of_the_plan(wedload, small, tinyproxy):
    port, _ = tinyproxy
    done = wedload("run", wedload.plan(proxied(small, port)), "-o", "r.json")
    assert done.code == 2
    assert "the environment variable WEDLOAD_PROXY_PASSWORD is not set" in done.err


def test_credentials_that_are_refused_say_so(wedload, small, tinyproxy):
    port, _ = tinyproxy
    text = proxied(small, port).replace(
        "${env.WEDLOAD_PROXY_USER}:${env.WEDLOAD_PROXY_PASSWORD}@", ""
    )
    done = wedload("run", wedload.plan(text), "-o", "r.json")
    assert done.code == 1
    assert done.result["metrics"]["http_req_failed"]["rate"] == 1
    (failure,) = done.result["failures"]
    assert f"proxy http://127.0.0.1:{port} needs credentials: 407" in failure["message"]


def test_an_address_from_the_environment_that_is_none_is_not_quoted(wedload, small, tinyproxy):
    text = proxied(small, 1)
    text = text.replace(PROXIED % 1, 'proxy = "${env.WEDLOAD_PROXY}"')
    done = wedload(
        "run", wedload.plan(text), env={"WEDLOAD_PROXY": f"socks5://{USER}:{PASSWORD}@127.0.0.1"}
    )
    assert done.code == 2
    assert (
        "the proxy of target local (${env.WEDLOAD_PROXY}) does not start with http://" in done.err
    )
    assert PASSWORD not in done.out + done.err


def test_a_proxy_that_is_not_there_is_found_out_before_any_load(wedload, small):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    done = wedload(
        "run", wedload.plan(proxied(small, port)),
        env={"WEDLOAD_PROXY_USER": USER, "WEDLOAD_PROXY_PASSWORD": PASSWORD},
    )  # fmt: skip
    assert done.code == 4
    assert f"proxy http://127.0.0.1:{port} of target local cannot be reached" in done.err


def with_two_targets(small, server, port: int) -> str:
    """The small plan: one target through the proxy of all, and one that says no to it."""
    text = small.read_text().replace(
        "[scenarios.main]",
        f'[http]\nclient = "aiohttp"\nconnections = "per-iteration"\n{PROXIED % port}\n'
        f'[targets.direct]\nbase_url = "{server.url}"\nproxy = false\n[scenarios.main]',
        1,
    )
    return text.replace("[targets.local]\n", "[targets.local]\ndefault = true\n")


def test_a_target_goes_without_the_proxy_of_all_the_others(wedload, small, server, tinyproxy):
    port, log = tinyproxy
    plan = wedload.plan(with_two_targets(small, server, port))

    # and without the credentials that only the others need
    direct = wedload("run", plan, "--target", "direct", "-o", "r.json")

    assert direct.code == 0, direct.err
    assert f"connecting to {server.url}" in direct.err
    assert direct.result["metrics"]["http_reqs"]["count"] == len(server.requests) > 10
    assert "GET http://" not in log.read_text()

    through = wedload(
        "run", plan, "-o", "r.json",
        env={"WEDLOAD_PROXY_USER": USER, "WEDLOAD_PROXY_PASSWORD": PASSWORD},
    )  # fmt: skip

    assert through.code == 0, through.err
    requests = through.result["metrics"]["http_reqs"]["count"]
    assert log.read_text().count("GET http://127.0.0.1") == requests > 10


def test_a_run_can_go_without_the_proxy_of_its_plan(wedload, small, server, tinyproxy):
    port, log = tinyproxy
    plan = wedload.plan(with_two_targets(small, server, port))

    done = wedload("run", plan, "--set", "http.proxy=false", "-o", "r.json")

    assert done.code == 0, done.err
    assert done.result["metrics"]["http_reqs"]["count"] == len(server.requests) > 10
    assert "GET http://" not in log.read_text()
