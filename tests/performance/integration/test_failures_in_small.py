"""The plans about third parties and failures, in small, and sabotage that each of them must catch.

What is injected dwarfs whatever noise a machine makes: a time-out of 0.4 s against 5 s, a retry in
ten against seven for each operation. Thresholds that are about a whole minute are loosened for the
two seconds that a fault lasts here.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.helpers.places import PLANS, WEDLOAD
from tests.helpers.small_runs import outcomes

if TYPE_CHECKING:
    from pathlib import Path

OUTAGE = "calendar outage"
#: forty appointments a second, and each fault for a short while
FAILURES = [
    "faults[0].at=1s", "faults[0].for=2s",
    "faults[1].at=4s", "faults[1].for=1s",
    "faults[2].at=5500ms", "faults[2].for=2s",
    *(f"scenarios.{name}.duration=8200ms" for name in ("appointments", "messages", "submissions")),
    "scenarios.appointments.rate=40/s",
]  # fmt: skip
#: row -> what is demanded in small
SMALL = {
    # it takes five seconds to see a recovery
    "Recovers by itself": "goodput{after_fault='calendar outage'}: value > 50%",
    "Fallback within its time-out": (
        "http_req_duration{step='schedule with a time-out', fault='slow calendar'}: p95 < 2500ms"
    ),
    "Retries do not compound": (
        "retry_amplification{dependency=calendar, fault='calendar outage'}: value < 2.2"
    ),
    "A broken calendar is spared": (
        "dependency_operations{dependency=calendar, fault='calendar outage'}: rate < 20/s"
    ),
}
SET = [f'benchmarks."{name}"="{row}"' for name, row in SMALL.items()]
#: protection that is switched off -> the row that says so
SABOTAGE = {
    "retry-budget": "Retries do not compound",
    "time-out": "Fallback within its time-out",
    "breaker": "A broken calendar is spared",
    "honest-fallback": "The fallback is told",
}
#: protections that bookings have
BOOKINGS = ("compensation", "idempotency")


def statuses(result: dict) -> dict[str, str]:
    return {row["name"]: row["status"] for row in result["benchmarks"]}


def play(folder: Path, asked: dict[str, list[str]], **environ: str) -> dict[str, dict]:
    """The results of runs side by side, by name: most of each is waiting.

    `asked` has a plan and its options; `{name}` in the environment is the run's own.
    """
    running = {
        name: subprocess.Popen(
            [
                *(WEDLOAD, "run", PLANS / plan, *options),
                *("--quiet", "--seed", "1", "-o", f"{name}.json"),
            ],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **{key: value.format(name=name) for key, value in environ.items()}},
        )
        for name, (plan, *options) in asked.items()
    }  # fmt: skip
    said = {name: one.communicate(timeout=90)[1] for name, one in running.items()}
    codes = {name: one.returncode for name, one in running.items()}
    assert set(codes.values()) <= {0, 1, 3}, (codes, said)
    return {name: json.loads((folder / f"{name}.json").read_bytes()) for name in asked}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The results with all protections."""
    # a second or two after the outage nobody asks the provider: much of what is left here
    loose = "fallback_used{step=book, after_fault='e-mail outage', fault=none}: rate < 80%"
    row = f'--set=benchmarks."Bookings after the outage"="{loose}"'
    return play(
        tmp_path_factory.mktemp("played"),
        {
            "failures": ["failure_scenarios.toml", *(f"--set={one}" for one in [*FAILURES, *SET])],
            "third parties": ["third_party.toml", "--time-scale=0.04"],
            "cross service": ["cross_service.toml", "--time-scale=0.05", row],
        },
    )


def test_failure_scenarios_in_small_spare_the_platform_and_everybody_else(played):
    result = played["failures"]

    found = statuses(result)
    assert {name: found[name] for name in SABOTAGE.values()} == dict.fromkeys(
        SABOTAGE.values(), "met"
    ), result["reasons"]
    assert result["metrics"]["http_req_failed"]["yes"] == 0
    assert {one["duplicates"] for one in result["dependencies"]} == {0}
    faults = {one["name"]: one for one in result["faults"]}
    assert list(faults) == [OUTAGE, "e-mail is throttled", "slow calendar"]
    assert (faults[OUTAGE]["begin_s"], faults[OUTAGE]["end_s"]) == (1.0, 3.0)
    calendar = next(one for one in result["dependencies"] if one["name"] == "calendar")
    assert calendar["outcomes"]["down"] > 0
    assert calendar["outcomes"]["gone"] > 0  # the platform did not wait for the slow one
    assert sum(calendar["outcomes"].values()) == calendar["requests"] >= calendar["operations"]
    assert result["cleanup"]["leaked"] == 0
    submitted = outcomes(result)["submit while e-mail fails"]
    assert set(submitted) == {"ok"}


@pytest.fixture(scope="module")
def sabotaged(tmp_path_factory):
    """The results without each of some protections."""
    scenarios = ["failure_scenarios.toml", *(f"--set={one}" for one in [*FAILURES, *SET])]
    # answers get lost before the outage, which uses up what may be asked for again
    lost = ["--set=faults[1].toxicity=0.4", "--set=faults[1].at=20s"]
    bookings = ["cross_service.toml", "--time-scale=0.05", *lost]
    asked = dict.fromkeys(SABOTAGE, scenarios) | dict.fromkeys(BOOKINGS, bookings)
    folder = tmp_path_factory.mktemp("sabotaged")
    results = play(folder, asked, WEDLOAD_SANDBOX_WITHOUT="{name}")
    assert {one["verdict"] for one in results.values()} <= {"fail", "invalid"}
    return results


@pytest.mark.parametrize("protection", SABOTAGE)
def test_a_protection_that_is_off_is_named_by_its_row_and_by_no_other_of_these(
    protection, sabotaged
):
    result = sabotaged[protection]

    found = statuses(result)
    missed = [name for name in SABOTAGE.values() if found[name] == "missed"]
    assert missed == [SABOTAGE[protection]], result["reasons"]
    assert result["verdict"] in {"fail", "invalid"}
    assert any(reason.startswith(f"{missed[0]}: ") for reason in result["reasons"])


def test_third_party_plan_in_small_says_what_realistic_third_parties_cost(played):
    result = played["third parties"]

    found = statuses(result)
    assert "missed" not in found.values(), result["reasons"]
    assert found["Webhook reliability"] == "insufficient"
    booked = outcomes(result)["schedule a consultation"]["ok"]
    assert booked == outcomes(result)["send the confirmation"]["ok"] >= 140
    (fault,) = result["faults"]
    cost = fault["workflow_duration"]
    # the calendar is asked twice and the provider once, each of which takes 60 ms in the middle
    assert cost["during"]["med"] > cost["before"]["med"] + 60
    by_name = {one["name"]: one for one in result["dependencies"]}
    assert by_name["email"]["operations"] == booked
    assert by_name["calendar"]["operations"] <= 2 * booked  # the time is asked for, then booked
    assert result["cleanup"]["leaked"] == 0
    assert result["cleanup"]["created"] == 2 * booked + 1


def test_cross_service_plan_in_small_leaves_nothing_half_done(played):
    result = played["cross service"]

    steps = outcomes(result)
    assert "missed" not in statuses(result).values(), result["reasons"]
    whole, undone = steps["the event is there"]["ok"], steps["the event is gone"]["ok"]
    assert whole + undone == steps["book"]["ok"] >= 70
    assert undone >= 10  # the provider was down for a quarter of the time
    checks = {one["check"]: (one["passed"], one["failed"]) for one in result["checks"]}
    assert checks["it is there"] == (whole, 0)
    assert checks["it is gone"] == (undone, 0)
    assert checks["it says so"] == (undone, 0)
    (channel,) = result["channels"]
    assert channel["delivered"] == channel["expected"] == whole
    assert channel["withdrawn"] == undone
    assert channel["unexpected"] == 0


def test_without_compensation_a_booking_that_failed_leaves_its_event_behind(sabotaged):
    found = statuses(sabotaged["compensation"])
    assert found["Whole or undone"] == "missed"
    assert found["What is undone is gone"] == "missed"


def test_whoever_asks_again_without_a_key_has_it_twice(sabotaged):
    found = statuses(sabotaged["idempotency"])
    assert found["Nothing is booked twice"] == "missed"
    assert found["Whole or undone"] == "met"
