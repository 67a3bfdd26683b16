"""Endpoints in trouble: no figure of the load is another for it, and all of it is reported."""

from __future__ import annotations

import socket

import pytest

from tests.helpers.ports import free_port
from tests.helpers.servers import Server
from tests.integration.export.conftest import ITERATIONS, VUS, seen

REQUESTS = VUS * ITERATIONS
NAME = "prometheus.remote_write"


@pytest.fixture
def dead():
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def slow():
    """Accepts, and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(100)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def failing():
    server = Server()
    server.fails = lambda _: True
    yield server.url
    server.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, target):
    result, _ = seen(tmp_path_factory.mktemp("alone"), target, 'json_lines = "figures.jsonl"\n')
    return result


def durations(result):
    return {one.step: one.metrics["http_req_duration"] for one in result.steps}


SAYS = {
    "dead": "cannot be reached: Connection refused",
    "slow": "takes too long|does not answer within|did not arrive in time",
    "failing": "answers 500",
}


@pytest.mark.parametrize("trouble", SAYS)
def test_an_endpoint_in_trouble_changes_no_figure_of_the_load(
    tmp_path, target, undisturbed, trouble, request
):
    url = request.getfixturevalue(trouble)
    write = f'prometheus = {{ remote_write = "{url}/api/v1/write" }}\n'
    result, told = seen(tmp_path, target, write)

    for one in (undisturbed, result):
        assert one.verdict == "pass"
        assert one.metrics["http_reqs"].count == 2 * REQUESTS
        assert one.metrics["iterations"].count == REQUESTS
        found = durations(one)
        assert found["quick"].count == found["slow"].count == REQUESTS
        assert found["quick"].med < found["slow"].min  # each step by what its page takes
        assert found["quick"].p95 < found["slow"].p95

    (export,) = result.monitoring.exports
    assert (export.name, export.to, export.sent) == (NAME, url, 0)
    assert export.failed >= 1
    (finding,) = (one for one in result.validity.findings if one.kind == "not-exported")
    assert (finding.invalidates, finding.fails) == (False, False)
    assert finding.message.startswith(f"{NAME}: ")
    (warning,) = (one for one in told if one.startswith(f"warning, {NAME}: "))
    for text in (export.problem, finding.message, warning):
        assert any(words in text for words in SAYS[trouble].split("|"))
