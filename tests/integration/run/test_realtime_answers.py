"""Realtime whose answers are known: what the sandbox does to messages is what wedload reports."""

from __future__ import annotations

import pytest

from tests.helpers.identities import identity
from tests.helpers.realtime_plans import room

#: of a hundred messages to 200 subscribers, 20,000 copies, the sandbox does this to so many
WEAKNESSES = "lose=1/2857; duplicate=1/1818; delay=1/1538:3s; reorder=1/950"
LOST, DUPLICATED, DELAYED, SWAPPED = 7, 11, 13, 20
ONE_AFTER_ANOTHER = 'executor = "per-vu-iterations"\nvus = 1\niterations = 100\npace = "20ms"'


@pytest.mark.parametrize("vsn", ["1.0.0", "2.0.0"])
def test_what_happens_to_copies_of_messages_is_reported_exactly(run, vsn):
    """Each copy has one fate; one that is late is not lost, nor out of order as well."""
    plan = room(subscribers=200, scenario=ONE_AFTER_ANOTHER, within="2s", vsn=vsn)

    done = run(plan, WEDLOAD_SANDBOX_REALTIME_WEAKNESS=WEAKNESSES)

    (channel,) = done.result["channels"]
    assert channel["expected"] == 20_000
    assert (channel["lost"], channel["late"]) == (LOST, DELAYED)
    assert channel["missed"] == LOST + DELAYED
    assert channel["delivered"] == 20_000 - LOST - DELAYED
    assert (channel["duplicates"], channel["out_of_order"]) == (DUPLICATED, SWAPPED)
    assert (channel["unexpected"], channel["undecided"], channel["withdrawn"]) == (0, 0, 0)
    # every copy that came is timed, also the late ones, whose delay is known
    spread = channel["metrics"]["realtime_propagation"]
    assert spread["count"] == 20_000 - LOST
    assert spread["max"] >= 3_000
    # the last subscriber of each message that all of them have
    assert 100 - LOST <= channel["metrics"]["realtime_last_subscriber"]["count"] < 100
    assert channel["ear"]["joined_least"] == channel["ear"]["joined_most"] == 200


def test_a_publish_that_waits_takes_until_the_last_subscriber_has_it(run):
    """Here one copy is held back by half a second."""
    plan = room(
        subscribers=10, wait=True,
        scenario='executor = "per-vu-iterations"\nvus = 1\niterations = 3',
        more='[benchmarks]\n"All" = "response_time{step=\'say something\'}: max < 1h"\n',
    )  # fmt: skip

    done = run(plan, WEDLOAD_SANDBOX_REALTIME_WEAKNESS="delay=1/15:500ms")

    (row,) = done.result["benchmarks"]
    assert row["observed"] >= 500
    (channel,) = done.result["channels"]
    assert channel["delivered"] == channel["expected"] == 30
    assert channel["metrics"]["realtime_last_subscriber"]["max"] >= 500


def test_what_a_request_causes_is_awaited_by_every_process(run):
    """Two load processes share the subscribers, and each hears of its own submissions alone."""
    plan = f"""\
schema = 1
name = "submissions"
[targets.sandbox]
sandbox = true
[channels.status]
realtime = "supabase"
url = "/realtime/v1/websocket"
params = {{ apikey = "${{env.WEDLOAD_SUPPLIER_KEY}}" }}
topic = "realtime:public:submissions"
subscribers = 3
key = "json.record.id"
{identity("supplier")}
{identity("couple")}
[scenarios.main]
executor = "per-vu-iterations"
vus = 4
iterations = 5
workflow = "submission"
[[workflows.submission]]
name = "make a form"
http = "POST /api/forms/intake"
as = "supplier"
let = {{ fields = "${{synthetic.intake_fields()}}" }}
json = {{ title = "A form", fields = "${{fields}}" }}
capture = {{ form_id = "json.id" }}
[[workflows.submission]]
http = "POST /api/connections/${{form_id}}"
as = "couple"
json = {{ wedding_date = "${{synthetic.wedding_date()}}", venue = "${{synthetic.venue()}}" }}
[[workflows.submission]]
name = "submit"
http = "POST /api/forms/${{form_id}}/submit"
as = "couple"
json = {{ responses = "${{synthetic.responses(fields)}}" }}
capture = {{ submission_id = "json.id" }}
[[workflows.submission]]
name = "is told"
await = {{ channel = "status", key = "submission_id", since = "submit" }}
capture = {{ told_form = "json.record.form_id" }}
check = {{
  "of this form" = "json.record.form_id == form_id", "an insert" = "headers.event == 'INSERT'",
}}
[[workflows.submission]]
name = "look"
http = "GET /healthz"
when = "told_form == form_id"
"""

    done = run(plan, "--workers", 2)

    (channel,) = done.result["channels"]
    assert (channel["expected"], channel["delivered"]) == (60, 60)
    assert channel["metrics"]["awaits"]["count"] == 20
    assert done.step("is told")["outcomes"] == {"ok": 20}
    assert done.step("look")["outcomes"] == {"ok": 20}
    assert {one["check"]: one["failed"] for one in done.result["checks"]} == {
        "of this form": 0, "an insert": 0,
    }  # fmt: skip
    assert done.result["metrics"]["workflow_failed"]["yes"] == 0


def test_an_await_that_runs_out_fails_its_workflow_and_a_failed_trigger_is_withdrawn(run):
    """Nobody is told of a health check, and nothing is expected of a request that fails."""
    plan = (
        room(subscribers=2, scenario='executor = "per-vu-iterations"\nvus = 1\niterations = 3')
        + """
[scenarios.silence]
executor = "per-vu-iterations"
vus = 1
iterations = 4
workflow = "silence"
[[workflows.silence]]
name = "look"
http = "GET /healthz"
let = { it = "${uuid()}" }
[[workflows.silence]]
name = "hear of it"
await = { channel = "room", key = "it", since = "look", within = "100ms" }
[[workflows.silence]]
name = "fail"
http = "GET /nowhere"
[[workflows.silence]]
name = "hear of that"
await = { channel = "room", key = "it", since = "fail" }
"""
    )

    done = run(plan)

    assert done.step("hear of it")["outcomes"] == {"missed": 4}
    assert done.step("hear of it")["metrics"]["await_duration"]["min"] >= 100
    # what was not caused is in no rate, and no step has waited for it
    assert "hear of that" not in {step["step"] for step in done.result["steps"]}
    (channel,) = done.result["channels"]
    assert (channel["expected"], channel["missed"], channel["withdrawn"]) == (6 + 8, 8, 4)
    assert done.result["metrics"]["workflow_failed"]["yes"] == 4
