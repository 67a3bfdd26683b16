"""`gate.sh` as users copy it: real runs, in dash, with spaces in every path."""

from __future__ import annotations

import socket
import sys

import pytest

from tests.helpers.load_testing import KEY, PLAN, SLOW, calls, worse_in
from tests.helpers.ports import free_port


def test_gate_takes_turns_and_gives_each_side_its_address(scripts, quick):
    urls = {"MAIN_URL": "http://127.0.0.1:1", "CHANGE_URL": "http://127.0.0.1:2"}

    done = quick("gate.sh", "the plan.toml", "--seed", "7", OUT="out put", RUNS="3", **urls)

    assert done.returncode == 0, done.stderr
    runs = [call for call in calls(scripts) if call.startswith("run ")]
    assert [call.split("-o ")[1].split(" --target")[0] for call in runs] == [
        f"out put/{side}/{number}.json" for number in (1, 2, 3) for side in ("main", "change")
    ]
    assert all(
        f"--set targets.local.base_url=http://127.0.0.1:{1 + number % 2} --seed 7" in call
        for number, call in enumerate(runs)
    )
    assert "the table" in done.stdout
    names = {path.name for path in (scripts.folder / "out put").iterdir()}
    assert names >= {"main", "change", "comparison.txt", "comparison.md", "comparison.xml"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"COMPARE": "1"}, 1), ({"COMPARE": "3"}, 3), ({"COMPARE": "2"}, 4),
        ({"RUN": "1"}, 0),  # the main line missed them as well
        ({"RUN": "2"}, 2), ({"RUN": "3"}, 3), ({"RUN": "4"}, 4),
    ],
)  # fmt: skip
def test_gate_tells_by_its_exit_code(quick, answers, code):
    urls = {"MAIN_URL": "http://127.0.0.1:1", "CHANGE_URL": "http://127.0.0.1:2"}

    assert (
        quick("gate.sh", "the plan.toml", OUT="out", RUNS="1", **urls, **answers).returncode == code
    )


@pytest.mark.timeout(240)
def test_gate_names_what_a_slower_deployment_is_slower_at(scripts, sandbox):
    plan = PLAN.replace("sandbox = true", 'base_url = "http://127.0.0.1:9"')
    (scripts.folder / "the plan.toml").write_text(plan.replace("targets.sandbox", "targets.local"))

    done = scripts(
        "gate.sh", "the plan.toml", MAIN_URL=sandbox(), CHANGE_URL=sandbox("--slow", SLOW),
        OUT="out put", MARGIN="90%", RETRIES="5", WEDLOAD_COUPLE_KEY=KEY,
    )  # fmt: skip

    assert done.returncode == 1, done.stderr + done.stdout
    assert "comparison: REGRESSION" in done.stdout
    assert worse_in(done.stdout) == {"search p50"}
    assert "search p50" in (scripts.folder / "out put" / "comparison.md").read_text()


def test_gate_starts_each_side_for_its_runs_and_stops_it_after_them(scripts, quick):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    ask = f"import urllib.request; urllib.request.urlopen('{url}/healthz')"
    serve = f"{sys.executable} -m wedload.sandbox --port {port}"

    done = quick(
        "gate.sh", "the plan.toml", MAIN_START=serve, CHANGE_START=f"{serve} --slow '{SLOW}'",
        URL=url, READY=f'{sys.executable} -c "{ask}"', OUT="out", RUNS="1",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    served = (scripts.folder / "out" / "server.log").read_text()
    assert served.count('"event":"ready"') == 2  # one after the other: they share a port
    with socket.socket() as one:
        one.settimeout(5)
        assert one.connect_ex(("127.0.0.1", port)) != 0


def test_gate_says_if_a_side_does_not_start(scripts):
    done = scripts(
        "gate.sh", "the plan.toml", MAIN_START="false", CHANGE_START="true",
        URL="http://127.0.0.1:9", READY="false", READY_S="5", OUT="out",
    )  # fmt: skip

    assert done.returncode == 4
    assert "it ended before it was ready: false" in done.stderr
