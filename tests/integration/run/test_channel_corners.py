"""What steps expect of channels where the way to it is not straight; each with exact counts."""

from __future__ import annotations

import json
import urllib.request

from tests.helpers.realtime_plans import room

TWICE = 'executor = "per-vu-iterations"\nvus = 1\niterations = 2'
#: a second room, heard by one subscriber, whose messages nobody sends
OTHER = """
[channels.other]
realtime = "supabase"
url = "/realtime/v1/websocket"
params = { apikey = "${env.WEDLOAD_SUPPLIER_KEY}" }
topic = "realtime:room"
key = "json.id"
within = "5s"
"""


def of(done, name: str):
    """A channel of a result."""
    (found,) = [one for one in done.result["channels"] if one["name"] == name]
    return found


def test_a_publish_causes_what_another_channel_is_to_hear(run):
    """An await on it starts with the sending of the publish step."""
    await_ = (
        '[[workflows.note]]\nname = "others hear"\nawait = { channel = "other", key = "note" }\n'
    )
    done = run(room(subscribers=2, scenario=TWICE, more=await_ + OTHER))
    assert (of(done, "room")["expected"], of(done, "other")["expected"]) == (4, 2)
    assert done.step("others hear")["outcomes"] == {"ok": 2}


def test_a_step_whose_condition_does_not_hold_expects_nothing(run):
    """Its key is known early, and nobody asks for it."""
    await_ = """[[workflows.note]]
name = "others hear"
when = "iteration == 1"
await = { channel = "other", key = "note" }
"""
    done = run(room(subscribers=2, scenario=TWICE, more=await_ + OTHER))
    other = of(done, "other")
    assert (other["expected"], other["delivered"], other["withdrawn"]) == (1, 1, 1)


ROUND = """
[[workflows.round]]
name = "cause"
http = "POST /realtime/v1/api/${path}"
headers = { apikey = "${env.WEDLOAD_SUPPLIER_KEY}" }
let = { it = "${uuid()}" }
json = { messages = [{ topic = "room", event = "note", payload = { id = "${it}" } }] }
[[workflows.round]]
name = "hear"
when = "path == 'nowhere'"
await = { channel = "other", key = "it" }
[scenarios.rounds]
executor = "per-vu-iterations"
vus = 1
iterations = 3
workflow = "rounds"
[[workflows.rounds]]
let = { path = "broadcast" }
use = "round"
[[workflows.rounds]]
let = { path = "nowhere" }
use = "round"
"""


def test_a_round_does_not_hear_what_the_round_before_has_caused(run):
    """The first does not await, the second fails to cause: nothing is heard."""
    done = run(room(subscribers=1, scenario=TWICE, more=ROUND + OTHER))
    other = of(done, "other")
    assert other["expected"] == 0
    assert other["withdrawn"] == 6  # three that nobody awaited, three that were not caused
    assert done.result["metrics"]["workflow_failed"]["yes"] == 3


def test_a_trigger_that_is_sent_again_counts_from_its_first_attempt(run, server, reply):
    """The first attempt has caused it, though it was answered with an error."""
    hooks: list[str] = []
    seen: dict[str, int] = {}

    def handle(request):
        if request.target == "/register":
            hooks.append(json.loads(request.body)["url"])
            return reply(201)
        key = json.loads(request.body)["id"]
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            return reply(200)
        sent = urllib.request.Request(
            hooks[0], data=request.body, headers={"webhook-id": key}, method="POST"
        )
        urllib.request.urlopen(sent).close()
        return reply(503)

    server.handle = handle
    done = run(f"""\
schema = 1
name = "again"
[targets.local]
base_url = "{server.url}"
[channels.hooks]
webhook = "/hooks"
signature = {{ scheme = "none" }}
key = "json.id"
[[setup]]
http = "POST /register"
json = {{ url = "${{channels.hooks.url}}" }}
[scenarios.main]
executor = "per-vu-iterations"
vus = 1
iterations = 5
workflow = "trigger"
[[workflows.trigger]]
name = "trigger"
http = "POST /trigger"
let = {{ id = "${{uuid()}}" }}
json = {{ id = "${{id}}" }}
retry = {{ attempts = 2, on = [503], backoff = "constant", base = "10ms" }}
[[workflows.trigger]]
await = {{ channel = "hooks", key = "id" }}
""")
    hooks_ = of(done, "hooks")
    assert (hooks_["expected"], hooks_["delivered"], hooks_["duplicates"]) == (5, 5, 0)
    assert done.count("http_retries") == 5


def test_awaits_that_are_cut_off_weigh_in_the_rows_about_them(run):
    """Half of what is expected never comes; that the load ends first does not hide it."""
    plan = room(
        subscribers=1,
        within="4s",
        wait=True,
        scenario='executor = "constant-vus"\nvus = 4\nduration = "2s"\npace = "50ms"\n'
        'graceful_stop = "0s"',
        more='[benchmarks]\n"Published" = "publish_failed: rate < 1%"\n',
    )
    done = run(plan, WEDLOAD_SANDBOX_REALTIME_WEAKNESS="lose=1/2")
    assert done.result["metrics"]["publish_interrupted"]["count"] == 4
    assert done.result["verdict"] != "pass"
    assert "unanswered" in {one["kind"] for one in done.result["validity"]["findings"]}
