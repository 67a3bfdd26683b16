"""Deliveries: what becomes of an attempt, who is told, and what the sender is answered."""

from __future__ import annotations

import pytest

from tests.helpers.webhooks import Heard, channel_of
from wedload.channels.keys import Keys
from wedload.channels.port import Place
from wedload.channels.webhook.answers import Script
from wedload.channels.webhook.attempts import Attempts
from wedload.channels.webhook.deliveries import Deliveries
from wedload.channels.webhook.replies import GARBAGE
from wedload.channels.webhook.signatures import Verdict
from wedload.plan.channels import Answer
from wedload.units import NS_PER_MS, NS_PER_S


@pytest.fixture
def hearing():
    return Heard()


@pytest.fixture
def judge(hearing):
    """Makes the judge of a channel whose sender writes the verdict on each delivery beside it."""

    def make(**keys) -> Deliveries:
        channel = channel_of(**keys)
        return Deliveries(
            verify=lambda headers, _, __: Verdict(headers["id"], headers.get("rejection")),
            script=Script(channel.answers, channel.answers_ratio, 1),
            attempts=Attempts(channel.remember),
            keys=Keys(channel, {}),
            hearing=hearing,
            unix_s=lambda: 0.0,
        )

    return make


def test_the_first_accepted_arrival_is_told_with_its_place_in_the_order(judge, hearing):
    deliveries = judge(entity="json.of", sequence="json.number")
    body = b'{"id": 17, "of": "venue", "number": 3}'
    assert deliveries.take({"id": "m"}, body, 5).status == 200
    ((key, at_ns, subscriber, place, message),) = hearing.messages
    assert (key, at_ns, subscriber, place) == ("17", 5, 0, Place("venue", 3.0))
    assert (message.json["id"], message.headers, message.status) == (17, {"id": "m"}, 200)
    assert hearing.arrivals == []


def test_a_script_is_obeyed_and_the_message_is_there_once_it_lets_it(judge, hearing):
    busy = Answer(status=503, retry_after=1_500 * NS_PER_MS, times=2)
    deliveries = judge(answers=(busy, Answer(hang=NS_PER_S), Answer(status=202)))
    replies = [deliveries.take({"id": "m"}, b'{"id": 1}', at_ns) for at_ns in range(5)]
    assert [reply.status for reply in replies] == [503, 503, 200, 202, 200]
    assert [reply.retry_after_s for reply in replies] == [2, 2, None, None, None]
    assert [reply.hang_ns for reply in replies] == [0, 0, NS_PER_S, 0, 0]
    assert hearing.arrivals == [("1", 0)]
    assert [(key, at_ns) for key, at_ns, *_ in hearing.messages] == [("1", 3)]
    assert hearing.counts == {("webhook_retries", ""): 3, ("webhook_duplicates", ""): 1}
    schedule = deliveries.report()["retries"]
    assert [(row["attempt"], row["after"]) for row in schedule] == [
        (2, 503), (3, 503), (4, "hang"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rejection", "status"),
    [
        ("missing-header", 401), ("malformed", 400), ("bad-signature", 401), ("stale", 401),
        ("future", 401),
    ],
)  # fmt: skip
def test_what_is_not_genuine_is_refused_whatever_the_script_says(judge, hearing, rejection, status):
    deliveries = judge(answers=(Answer(status=200),))
    for _ in range(2):
        reply = deliveries.take({"id": "m", "rejection": rejection}, b'{"id": 1}', 0)
        assert (reply.status, reply.text.startswith(rejection)) == (status, True)
    assert hearing.messages == hearing.arrivals == []
    assert hearing.counts == {
        ("webhook_rejected", rejection): 2,
        ("webhook_invalid_signature", ""): 2,
        ("webhook_retries", ""): 1,
    }
    assert deliveries.report()["rejections"] == {rejection: 2}


def test_forgeries_use_up_no_answer_and_hide_no_first_arrival(judge, hearing):
    deliveries = judge(answers=(Answer(status=503),))
    forged = {"id": "m", "rejection": "bad-signature"}
    for _ in range(3):
        deliveries.take(forged, b'{"id": 1}', 1)
    assert deliveries.take({"id": "m"}, b'{"id": 1}', 2).status == 503
    assert hearing.arrivals == [("1", 2)]
    assert deliveries.take({"id": "m"}, b'{"id": 1}', 3).status == 200
    deliveries.take(forged, b'{"id": 1}', 4)
    assert hearing.keys == ["1"]
    assert hearing.counted("webhook_duplicates") == 0


def test_one_that_says_no_id_is_refused_and_not_remembered(judge, hearing):
    deliveries = judge()
    for _ in range(2):
        deliveries.take({"id": "", "rejection": "missing-header"}, b"", 0)
    assert hearing.counted("webhook_retries") == 0


def test_a_message_without_key_is_unexpected_when_it_is_accepted(judge, hearing):
    deliveries = judge(answers=(Answer(status=503),))
    deliveries.take({"id": "m"}, b"{}", 0)
    assert hearing.counted("webhook_unexpected") == 0
    deliveries.take({"id": "m"}, b"{}", 1)
    deliveries.take({"id": "m"}, b"{}", 2)
    assert hearing.counted("webhook_unexpected") == 1
    assert hearing.messages == hearing.arrivals == []


def test_the_report_counts_and_each_reason_is_explained(judge, hearing):
    deliveries = judge(remember=1)
    for number in range(3):
        deliveries.begin()
        deliveries.take({"id": f"m{number}"}, b'{"id": 1}', 0)
        deliveries.refuse(GARBAGE)
    assert deliveries.report() == {
        "attempts": 3, "rejections": {"garbage": 3}, "retries": [], "retries_beyond": 0,
        "forgotten": 2,
    }  # fmt: skip
    assert hearing.notes == ["garbage: what came is no HTTP"] * 3  # a recorder counts them
    assert hearing.counted("webhook_attempts") == 3
