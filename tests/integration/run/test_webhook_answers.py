"""Webhooks whose answers are known: what the sandbox does to deliveries is what wedload reports."""

from __future__ import annotations

import pytest

from tests.helpers.identities import identity
from tests.helpers.sandboxes import KEYS, sandbox
from wedload.metrics import codec
from wedload.units import NS_PER_S

#: of 10,000 deliveries the sandbox does this to so many
WEAKNESSES = {
    "lose": ("1/1428", 7),
    "duplicate": ("1/909", 11),
    "missign": ("1/2000", 5),
    "delay": ("1/769:2s", 13),
    "reorder": ("1/500", 20),
}


def plan(url: str, *, iterations: int, vus: int, channel: str = "", wait: bool = True) -> str:
    """Suppliers who trigger a webhook, and wait for it."""
    return f"""\
schema = 1
name = "webhooks"
[targets.sandbox]
base_url = "{url}"
[channels.deliveries]
webhook = "/hooks"
signature = {{ scheme = "standard-webhooks", secret = "${{webhook_secret}}" }}
key = "json.data.reference"
sequence = "json.sequence"
within = "8s"
{channel}
{identity("supplier")}
[[setup]]
name = "register"
http = "POST /api/webhooks/endpoints"
as = "supplier"
json = {{ url = "${{channels.deliveries.url}}", accounts = "all" }}
capture = {{ webhook_secret = "json.secret" }}
[scenarios.main]
executor = "shared-iterations"
vus = {vus}
iterations = {iterations}
workflow = "trigger"
[[workflows.trigger]]
name = "trigger"
http = "POST /api/webhooks/trigger"
as = "supplier"
let = {{ reference = "${{uuid()}}" }}
json = {{ event = "supplier.updated", payload = {{ reference = "${{reference}}" }} }}
[[workflows.trigger]]
name = "arrives"
await = {{ channel = "deliveries", key = "reference", wait = {"true" if wait else "false"} }}
[benchmarks]
"Delivered" = "webhook_delivered: rate >= 99.8%"
"""


def test_what_happens_to_ten_thousand_deliveries_is_reported_exactly(run):
    """Lost, duplicated, wrongly signed, delayed and swapped: each counted once, as what it is."""
    options = [
        part
        for kind, (share, _) in WEAKNESSES.items()
        for part in ("--webhook-weakness", f"{kind}={share}")
    ]
    with sandbox(*options, "--webhook-concurrency", "1", "--webhook-retries", "none") as there:
        done = run(plan(there.url, iterations=10_000, vus=25), **KEYS)
        counts = there.counts()

    assert counts["weaknesses"]["webhook"] == {k: n for k, (_, n) in WEAKNESSES.items()}
    (channel,) = done.result["channels"]
    assert channel["expected"] == 10_000
    assert channel["delivered"] == 10_000 - 7 - 5
    assert (channel["missed"], channel["lost"], channel["late"]) == (12, 12, 0)
    assert (channel["duplicates"], channel["out_of_order"]) == (11, 20)
    assert channel["rejected"] == {"bad-signature": 5}
    assert channel["unexpected"] == channel["undecided"] == channel["withdrawn"] == 0
    assert channel["attempts"] == counts["webhooks"]["attempts"] == 10_000 - 7 + 11
    # of those that were held back for two seconds each is there, and nothing else is so slow
    (encoded,) = [
        one["encoded"]
        for one in done.result["histograms"]
        if one["metric"] == "webhook_delivery_duration"
    ]
    seen = codec.decode(encoded)
    assert seen.count == 9_988
    assert seen.above(2 * NS_PER_S - 1) == 13
    (row,) = done.result["benchmarks"]
    assert (row["observed"], row["samples"], row["status"]) == (0.9988, 10_000, "met")
    assert row["bound_95"] == pytest.approx(0.99806, abs=2e-5)  # Clopper-Pearson, 12 of 10,000


@pytest.mark.parametrize("workers", [1, 2])
def test_the_senders_retries_are_provoked_and_their_schedule_is_seen(run, workers):
    """The first two attempts of each message fail; the third is the one that counts."""
    script = "answers = [{ status = 503 }, { status = 500 }]"
    with sandbox("--webhook-retries", "200ms,200ms,200ms") as there:
        text = plan(there.url, iterations=40, vus=4, channel=script)
        done = run(text, "--workers", workers, **KEYS)
        counts = there.counts()

    (channel,) = done.result["channels"]
    assert (channel["expected"], channel["delivered"]) == (40, 40)
    assert channel["attempts"] == counts["webhooks"]["attempts"] == 120
    assert (channel["retries"], channel["duplicates"]) == (80, 0)
    schedule = [(one["attempt"], one["after"], one["count"]) for one in channel["ear"]["retries"]]
    assert schedule == [(2, 503, 40), (3, 500, 40)]
    metrics = channel["metrics"]
    assert metrics["webhook_arrival_duration"]["count"] == 40
    assert metrics["webhook_arrival_duration"]["max"] <= metrics["webhook_delivery_duration"]["max"]
    assert done.step("arrives")["outcomes"] == {"ok": 40}


def test_deliveries_that_nobody_waits_for_are_decided_after_the_load(run):
    """The load ends before the first of them comes; none is lost for that."""
    with sandbox("--webhook-weakness", "delay=1/1:1s") as there:
        done = run(plan(there.url, iterations=30, vus=3, wait=False), **KEYS)

    (channel,) = done.result["channels"]
    assert (channel["expected"], channel["delivered"]) == (30, 30)
    assert channel["metrics"]["webhook_delivery_duration"]["min"] >= 1_000
    # its iterations were over before: they took the time of a trigger
    assert done.result["metrics"]["iteration_duration"]["max"] < 1_000
