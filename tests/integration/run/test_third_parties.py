"""Runs that play third parties: what is reported is what the simulator and the platform noted."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.platform import Platform

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """\
schema = 1
name = "bookings"
[targets.local]
base_url = "{platform}"
[dependencies.payments]
simulate = "http"
latency = "uniform(1ms, 4ms)"
log = "attempts.jsonl"
policy = {{ attempts = 3, gap = "25ms" }}
{dependency}
[[dependencies.payments.routes]]
http = "POST /v1/charges"
status = 201
json = {{ id = "ch_1" }}
[scenarios.main]
executor = "constant-vus"
vus = 4
duration = "{duration}"
pace = "50ms"
graceful_stop = "10s"
workflow = "book"
[[workflows.book]]
name = "book"
http = "POST /book"
json = {{ }}
[[setup]]
name = "say where the third party is"
http = "POST /told"
json = {{ url = "${{{told}.url}}" }}
{more}
"""


@pytest.fixture
def platform():
    one = Platform()
    yield one
    one.close()


@dataclass
class Logged:
    """The attempts that the simulator wrote down, by operation, in the order of their arrival."""

    operations: list[list[dict[str, Any]]]

    @staticmethod
    def of(path: Path) -> Logged:
        found = defaultdict(list)
        for line in path.read_text().splitlines():
            attempt = json.loads(line)
            found[attempt["operation"]].append(attempt)
        return Logged([sorted(each, key=lambda one: one["at_unix_ms"]) for each in found.values()])

    @property
    def attempts(self) -> list[dict[str, Any]]:
        return [one for each in self.operations for one in each]

    def gaps_ms(self) -> list[float]:
        return [
            after["at_unix_ms"] - before["at_unix_ms"] - before["duration_ms"]
            for each in self.operations
            for before, after in pairwise(each)
        ]

    def waited_as_told(self) -> list[bool]:
        return [
            after is None
            or after["at_unix_ms"] - before["at_unix_ms"] - before["duration_ms"]
            >= before["retry_after_ms"] - 2
            for each in self.operations
            for before, after in pairwise([*each, None])
            if before["retry_after_ms"] is not None
        ]


def plan_of(
    platform: Platform, dependency="", more="", told="dependencies.payments", duration="1s"
):
    return PLAN.format(
        platform=platform.url, dependency=dependency, more=more, told=told, duration=duration
    )


def test_amplification_attempts_gaps_and_retry_after_are_those_of_the_log(platform, run, tmp_path):
    """And of the platform's own accounts, attempt by attempt."""
    errors = 'errors = { ratio = 0.5, status = 503, retry_after = "1s" }'
    done = run(plan_of(platform, errors, duration="1500ms"), "--seed", 7)

    logged = Logged.of(tmp_path / "attempts.jsonl")
    (payments,) = done.result["dependencies"]
    attempts, operations = len(logged.attempts), len(logged.operations)
    assert operations > 10
    assert operations < attempts
    assert [len(one.statuses) for one in platform.asked] == [
        len(next(each for each in logged.operations if each[0]["operation"] == one.trace))
        for one in platform.asked
    ]
    assert (payments["requests"], payments["operations"]) == (attempts, operations)
    assert payments["amplification"] == pytest.approx(attempts / operations, abs=1e-3)
    outcomes = {"ok": 0, "error": 0}
    for one in logged.attempts:
        outcomes[one["outcome"]] += 1
    assert payments["outcomes"] == outcomes
    failed = sum(all(one["outcome"] != "ok" for one in each) for each in logged.operations)
    assert payments["failed_operations"] == failed

    metrics = payments["metrics"]
    sizes = [len(each) for each in logged.operations]
    assert metrics["operation_attempts"]["count"] == operations
    assert metrics["operation_attempts"]["max"] == max(sizes) > 1
    gaps = logged.gaps_ms()
    assert metrics["retry_gap"]["count"] == len(gaps)
    assert metrics["retry_gap"]["min"] == pytest.approx(min(gaps), abs=0.01)
    assert metrics["retry_gap"]["max"] == pytest.approx(max(gaps), abs=0.01)
    kept = logged.waited_as_told()
    assert 0 < sum(kept) < len(kept)  # every other booking does not care
    rate = metrics["retry_after_kept"]
    assert (rate["yes"], rate["count"]) == (sum(kept), len(kept))
    assert metrics["retry_policy_kept"]["rate"] == 1.0
    assert metrics["dependency_duration"]["count"] == attempts
    assert payments["report"]["outside"] == 0
    assert done.result["verdict"] == "pass"


def test_an_outage_is_in_force_when_the_plan_says_and_told_as_it_comes_and_goes(
    platform, run, tmp_path
):
    more = """\
[[faults]]
name = "payments are down"
on = "payments"
at = "5s"
for = "5s"
down = true
[benchmarks]
"Within the budget" = "operation_attempts{dependency=payments}: max <= 3"
"Down while it is" = "retry_amplification{fault='payments are down'}: value > 2"
"Well otherwise" = "retry_amplification{fault=none}: value < 1.5"
"""
    done = run(plan_of(platform, more=more, duration="15s"), "--time-scale", 0.1)

    rows = {row["name"]: row for row in done.result["benchmarks"]}
    assert {name: row["status"] for name, row in rows.items()} == dict.fromkeys(rows, "met")
    logged = Logged.of(tmp_path / "attempts.jsonl")
    down = [one for one in logged.attempts if one["outcome"] == "down"]
    assert down
    assert all(one["faults"] == ["payments are down"] for one in down)
    (payments,) = done.result["dependencies"]
    assert payments["outcomes"]["down"] == len(down)
    assert payments["report"]["faults"] == {"payments are down": len(down)}
    (fault,) = done.result["faults"]
    assert (fault["begin_s"], fault["end_s"]) == (0.5, 1.0)
    told = [line for line in done.err.splitlines() if "payments are down" in line]
    assert any("begins" in line for line in told)
    assert any("ends" in line for line in told)


def test_who_is_told_the_address_of_a_third_party_is_told_that_of_the_proxy_before_it(
    platform, run
):
    more = '[proxies.line]\nupstream = "dependency:payments"\n'
    done = run(plan_of(platform, more=more, duration="400ms"))

    (line,) = done.result["proxies"]
    (payments,) = done.result["dependencies"]
    assert platform.third_party == f"http://{line['listen']}"
    assert payments["url"] != platform.third_party
    assert line["connections"] == payments["requests"] == len(platform.asked) > 0
    assert line["bytes_up"] > 0
    assert line["bytes_down"] > 0


def test_a_platform_that_asks_somebody_else_is_told_of(platform, run):
    platform.third_party = platform.url  # whatever it is told
    platform.answer = lambda path, _: (200, {"path": path})
    done = run(plan_of(platform, duration="300ms"))

    (reason,) = [one for one in done.result["validity"]["findings"] if one["kind"] == "not-asked"]
    (payments,) = done.result["dependencies"]
    assert payments["url"] in reason["message"]
    assert payments["requests"] == 0
    assert done.result["verdict"] == "pass"


SANDBOX = """\
schema = 1
name = "appointments"
[targets.sandbox]
sandbox = true
[identities.couple]
http = "POST /api/auth/couple"
json = { email = "${synthetic.email()}", key = "${env.WEDLOAD_COUPLE_KEY}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[dependencies.google]
simulate = "google-calendar"
log = "attempts.jsonl"
[proxies.front]
upstream = "sandbox"
[[faults]]
name = "api fails"
on = "sandbox.api"
at = "1s"
for = "10m"
status = 503
[scenarios.main]
executor = "constant-arrival-rate"
rate = "20/s"
duration = "2s"
max_vus = 20
workflow = "meet"
[[workflows.meet]]
name = "schedule"
http = "POST /api/calendar/schedule-with-timeout"
as = "couple"
json = { timeout = "5s" }
[benchmarks]
"Well before" = "http_req_failed{before_fault='api fails', step=schedule}: rate < 1%"
"Not during" = "http_req_failed{fault='api fails', step=schedule}: rate > 90%"
"""


def test_the_sandbox_asks_the_third_parties_of_the_plan_and_suffers_its_faults(run, tmp_path):
    """Through the proxy before it, all of whose requests are those of the load."""
    done = run(SANDBOX)

    rows = {row["name"]: row for row in done.result["benchmarks"]}
    assert {name: row["status"] for name, row in rows.items()} == dict.fromkeys(rows, "met")
    logged = Logged.of(tmp_path / "attempts.jsonl")
    (google,) = done.result["dependencies"]
    assert google["requests"] == len(logged.attempts) > 0
    assert google["operations"] == len({(x["endpoint"], x["operation"]) for x in logged.attempts})
    (front,) = done.result["proxies"]
    assert done.result["run"]["base_url"] == f"http://{front['listen']}"
    assert front["connections"] > 0
    # a fault that outlasts the load is no obstacle to what comes after it
    assert done.result["cleanup"]["leaked"] == 0
