"""When a message of a channel is in time at the latest."""

from __future__ import annotations

from tests.helpers.channel_plans import WITH_CHANNELS
from wedload.plan.deadlines import deadlines_ns
from wedload.units import NS_PER_S

KEYED = 'payload = { id = "${id}" }, key = "id" }'


def test_the_longest_deadline_of_the_steps_counts(load):
    later = WITH_CHANNELS.replace(KEYED, KEYED[:-2] + ', within = "5s" }')

    assert deadlines_ns(load(later).plan) == {"hooks": 2 * NS_PER_S, "status": 5 * NS_PER_S}


def test_a_step_that_says_none_has_that_of_its_channel(load):
    assert deadlines_ns(load(WITH_CHANNELS).plan)["status"] == 3 * NS_PER_S


def test_a_channel_that_nothing_is_expected_of_has_none(load):
    sent = 'http = "GET /"'
    plan = (
        'schema = 1\nname = "says"\n[targets.there]\nbase_url = "http://127.0.0.1:8000"\n'
        '[scenarios.main]\nexecutor = "constant-vus"\nvus = 1\nduration = "1m"\nworkflow = "w"\n'
        '[channels.status]\nrealtime = "supabase"\nurl = "/realtime"\ntopic = "realtime:a"\n'
        'key = "json.id"\n[[workflows.w]]\n'
    )

    assert deadlines_ns(load(plan + sent).plan) == {}
