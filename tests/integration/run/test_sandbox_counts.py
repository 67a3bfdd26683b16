"""The sandbox counts for itself, and shares no code with what measures it: both must agree."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from tests.helpers.places import PLANS
from tests.helpers.ports import free_port

KEYS = {"WEDLOAD_SUPPLIER_KEY": "key of a supplier", "WEDLOAD_COUPLE_KEY": "key of a couple"}
ROUTES = {
    "sign in as supplier": "POST /api/auth/supplier",
    "sign in as couple": "POST /api/auth/couple",
    "create intake form": "POST /api/forms/intake",
    "create the hot form": "POST /api/forms/intake",
    "couple connects": "POST /api/connections/{form_id}",
    "connect to the hot form": "POST /api/connections/{form_id}",
    "submit form": "POST /api/forms/{form_id}/submit",
    "submit to the hot form": "POST /api/forms/{form_id}/submit",
    "supplier sees it": "GET /api/realtime/status/{submission_id}",
    "search suppliers": "GET /api/suppliers/search",
    "search next page": "GET /api/suppliers/search",
    "dashboard": "GET /api/suppliers/dashboard",
    "book a consultation": "POST /api/calendar/schedule",
    "clean up": "DELETE",  # whatever was created
    "sweep": "DELETE",  # what else is of the run
}


@pytest.fixture
def calendar():
    """Where the sandbox is told that its calendar is, and the plan to play it."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def sandbox(tmp_path, calendar):
    """`wedload sandbox`, started as a person would, and outliving the run."""
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("wedload")), "sandbox", "--suppliers", "300",
            "--rate-limit", "0", "--calendar-url", f"http://{calendar}",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), **KEYS},
    )  # fmt: skip
    ready = json.loads(process.stdout.readline())
    yield ready["url"]
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == b""


def counts_of(url: str) -> dict:
    with urllib.request.urlopen(f"{url}/_sandbox/counts", timeout=10) as response:
        return json.loads(response.read())


def against(url: str) -> list[str]:
    return ["--set", "targets.sandbox.sandbox=false", "--set", f"targets.sandbox.base_url={url}"]


@pytest.mark.parametrize(
    ("plan", "options"),
    [
        ("smoke.toml", ["--time-scale", "0.3"]),
        ("smoke.toml", ["--time-scale", "0.3", "--set", "http.client=aiohttp"]),
        (
            "peak_season.toml",
            [
                "--time-scale", "0.005", "--set", "scenarios.bridal_show.stages[2].target=30",
                "--set", "scenarios.bridal_show.stages[3].target=30",
                "--set", "scenarios.bridal_show.stages[0].target=15",
                "--set", "scenarios.bridal_show.stages[1].target=15",
                "--set", "scenarios.bridal_show.pace=300ms",
            ],
        ),
    ],
)  # fmt: skip
def test_every_route_and_status_was_asked_as_often_as_the_sandbox_says(
    run, sandbox, calendar, plan, options
):
    if "dependencies.calendar" in (PLANS / plan).read_text():
        options = [*options, "--set", f"dependencies.calendar.listen={calendar}"]
    done = run(PLANS / plan, *against(sandbox), *options, **KEYS)

    counts = counts_of(sandbox)
    ours: Counter[str] = Counter()
    for step in done.result["steps"]:
        assert set(step["outcomes"]) == {"ok"}, step
        if "http_reqs" in step["metrics"]:
            ours[ROUTES[step["step"]]] += step["outcomes"]["ok"]
    for channel in done.result["channels"]:
        ours["GET /realtime/v1/websocket"] += channel["metrics"]["realtime_joining"]["count"]
    theirs: Counter[str] = Counter()
    for route, statuses in counts["requests"].items():
        theirs["DELETE" if route.startswith("DELETE ") else route] += sum(statuses.values())
    assert ours == theirs
    assert all(
        status.startswith("2") or (status, route) == ("101", "GET /realtime/v1/websocket")
        for route, statuses in counts["requests"].items()
        for status in statuses
    )
    cleanup = done.result["cleanup"]
    created = theirs["POST /api/forms/intake"] + theirs["POST /api/calendar/schedule"]
    assert (cleanup["created"], cleanup["deleted"], cleanup["leaked"]) == (created, created, 0)
    assert created > 10
    rows = counts["rows"]
    gone = {name: rows[name] for name in ("forms", "connections", "submissions", "journeys")}
    assert set(gone.values()) == {0}, rows


def test_clean_up_that_cannot_delete_says_how_much_is_left_and_why(run, sandbox):
    done = run(
        PLANS / "smoke.toml", *against(sandbox), "--time-scale", "0.1",
        "--set", "workflows.supplier_couple[0].cleanup=DELETE /api/forms/no/${form_id}", **KEYS,
    )  # fmt: skip

    # 404 says that it is not there, and that is what matters: a wrong path is not noticed
    assert done.result["cleanup"]["leaked"] == 0

    again = run(
        PLANS / "smoke.toml", *against(sandbox), "--time-scale", "0.1",
        "--set", "workflows.supplier_couple[0].cleanup=PUT /api/forms/${form_id}", **KEYS,
    )  # fmt: skip
    cleanup = again.result["cleanup"]
    assert cleanup["leaked"] == cleanup["created"] > 0
    assert list(cleanup["reasons"]) == ["status 405"]
    (finding,) = [f for f in again.result["validity"]["findings"] if f["kind"] == "cleanup"]
    assert finding["invalidates"] is False
    assert "status 405" in again.err
