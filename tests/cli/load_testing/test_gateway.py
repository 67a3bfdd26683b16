"""`gateway.sh` as users copy it: a real Envoy before the sandbox, and nothing left running."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks.servers.envoy import command
from tests.helpers.places import PLANS
from tests.helpers.processes import alive

#: a short load, and rows that no machine misses
SMALL = (
    "--set", "scenarios.reads.duration=2s", "--seed", "7",
    "--set", "benchmarks={ 'Added' = 'route_overhead{route=envoy}: avg < 20s' }",
)  # fmt: skip


def left(out: Path) -> list[str]:
    """What of a run of the script still runs."""
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            commands.append(path.read_bytes().replace(b"\0", b" ").decode())
    envoys = [one for one in commands if f"{out.name}/envoy.yaml" in one]
    told = (out / "sandbox.log").read_text().partition("\n")[0]
    return [*envoys, *(["the sandbox"] if alive(json.loads(told)["pid"]) else [])]


def test_it_measures_what_a_real_envoy_adds_and_ends_all_that_it_started(scripts):
    shutil.copy(PLANS / "gateway.toml", scripts.folder)
    out = scripts.folder / "out put"

    done = scripts("gateway.sh", *SMALL, PLAN="gateway.toml", OUT="out put", ENVOY=command())

    assert done.returncode in {0, 3}, done.stderr  # a busy machine may make it invalid
    result = json.loads((out / "result.json").read_text())
    (route,) = result["routes"]
    assert [step["step"] for step in route["steps"]] == [
        "nothing but the way", "dashboard", "search",
    ]  # fmt: skip
    assert {step["failed"] for step in route["steps"]} == {0}
    assert all(step["overhead"]["count"] > 0 for step in route["steps"])
    (cluster,) = route["envoy"]["clusters"]
    via = sum(step["via"]["count"] for step in route["steps"])
    assert (cluster["cluster"], cluster["rq_total"]) == ("platform", via)
    assert "Envoy, cluster platform:" in done.stderr
    assert left(out) == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"PLAN": "gone.toml"}, "the plan gone.toml does not exist; set PLAN"),
        ({"ENVOY": "/no/envoy"}, "/no/envoy is not a command here"),
        ({"URL": "https://127.0.0.1:1"}, "is no http platform"),
        ({"WEDLOAD": "/no/wedload"}, "/no/wedload is not a command"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(scripts, variables, said):
    done = scripts("gateway.sh", **{"PLAN": "the plan.toml", "ENVOY": command(), **variables})

    assert done.returncode == 2
    assert said in done.stderr


def test_it_explains_itself(scripts):
    done = scripts("gateway.sh", "-h")

    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0, "Usage: gateway.sh [OPTION OF wedload run]…",
    )  # fmt: skip
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_an_envoy_that_does_not_start_ends_it_with_the_sandbox(scripts):
    shutil.copy(PLANS / "gateway.toml", scripts.folder)

    done = scripts("gateway.sh", PLAN="gateway.toml", OUT="out", ENVOY="false")

    assert done.returncode == 4
    assert "Envoy ended before it was ready; see out" in done.stderr
    assert left(scripts.folder / "out") == []
