"""One subscription: frames in, events and frames out."""

from __future__ import annotations

import pytest

from wedload.channels.realtime.frames import Frame
from wedload.channels.realtime.phoenix import (
    Ended,
    Joined,
    Replied,
    State,
    Subscription,
    said,
)

TOPIC = "realtime:public:orders"


def subscription(*, changes: bool = False, system: bool = True) -> Subscription:
    """One that shows its frames as they are."""
    return Subscription(TOPIC, {"config": {}}, lambda frame: frame, changes=changes, system=system)


def reply(ref: str, status: str = "ok", response: object = None, topic: str = TOPIC) -> Frame:
    return Frame(ref, ref, topic, "phx_reply", {"status": status, "response": response or {}})


def system(status: str, message: str, extension: str = "postgres_changes") -> Frame:
    payload = {"status": status, "message": message, "extension": extension, "channel": "x"}
    return Frame(None, None, TOPIC, "system", payload)


def joined(*, changes: bool = False) -> Subscription:
    one = subscription(changes=changes)
    one.join()
    assert (one.receive(reply("1")) == Joined()) is not changes
    if changes:
        assert one.receive(system("ok", "Subscribed to PostgreSQL")) == Joined()
    return one


def test_a_join_has_its_own_ref_as_join_ref():
    assert subscription().join() == Frame("1", "1", TOPIC, "phx_join", {"config": {}})


def test_a_reply_makes_it_joined():
    assert joined().state is State.JOINED


def test_with_changes_only_the_system_message_makes_it_joined():
    one = subscription(changes=True)
    one.join()
    assert one.receive(reply("1")) is None
    assert one.state is State.SUBSCRIBING
    assert one.receive(system("ok", "whatever", "system")) is None
    assert one.receive(system("ok", "Subscribed to PostgreSQL")) == Joined()
    # after a hiccup of its own, Supabase says it again
    assert one.receive(system("ok", "Subscribed to PostgreSQL")) is None


def test_changes_that_cannot_be_subscribed_to_end_it():
    one = subscription(changes=True)
    one.join()
    one.receive(reply("1"))
    told = one.receive(system("error", "Unable to subscribe to changes: no such table"))
    assert told == Ended("Unable to subscribe to changes: no such table", None)
    assert one.state is State.IDLE


@pytest.mark.parametrize(
    ("response", "reason", "quota"),
    [
        ({"reason": "Unauthorized: no"}, "Unauthorized: no", None),
        (
            {"reason": "ChannelRateLimitReached: Too many channels"},
            "ChannelRateLimitReached: Too many channels",
            "ChannelRateLimitReached",
        ),
        ({"some": "thing"}, '{"some":"thing"}', None),
        ({}, "no reason given", None),
    ],
)
def test_a_refusal_says_why_and_whether_a_quota_is_exhausted(response, reason, quota):
    one = subscription()
    one.join()
    assert one.receive(reply("1", "error", response)) == Ended(reason, quota)


def test_too_many_messages_end_it_once_though_two_frames_say_so():
    one = joined()
    ended = one.receive(system("error", "Too many messages per second", "system"))
    assert ended == Ended("Too many messages per second", "MessagePerSecondRateLimitReached")
    assert one.receive(Frame("1", "1", TOPIC, "phx_close", {})) is None


@pytest.mark.parametrize("event", ["phx_close", "phx_error"])
def test_the_server_may_end_it(event):
    assert joined().receive(Frame("1", "1", TOPIC, event, {})) == Ended(
        f"{event}: the server has ended the channel", None
    )


def test_an_error_may_have_a_reason():
    ended = joined().receive(Frame(None, None, TOPIC, "phx_error", {"reason": "crashed"}))
    assert ended == Ended("phx_error: crashed", None)


def test_the_end_of_an_earlier_join_is_of_no_interest():
    one = joined()
    one.join()
    assert one.receive(Frame("1", "1", TOPIC, "phx_close", {})) is None
    assert one.receive(Frame(None, "1", TOPIC, "phx_close", {})) is None  # without a join_ref
    assert one.receive(reply("1")) == Replied("1", True, {})
    assert one.state is State.JOINING
    assert one.receive(reply("2")) == Joined()


def test_of_another_server_system_is_an_event_like_others():
    one = subscription(system=False)
    one.join()
    one.receive(reply("1"))
    assert one.receive(system("error", "Too many messages per second")) is None
    assert one.state is State.JOINED


def test_what_is_on_another_topic_is_of_no_interest():
    one = joined()
    assert one.receive(Frame(None, None, "realtime:other", "phx_close", {})) is None
    assert one.state is State.JOINED


def test_a_push_is_answered_by_its_ref():
    one = joined()
    ref, frame = one.push("broadcast", {"a": 1})
    assert frame == Frame("1", ref, TOPIC, "broadcast", {"a": 1})
    assert one.receive(reply(ref)) == Replied(ref, True, {})
    assert one.receive(reply(ref, "error", {"reason": "no"})) == Replied(
        ref, False, {"reason": "no"}
    )


def test_a_heartbeat_is_of_the_socket():
    beat = joined().beat()
    assert beat == Frame(None, "2", "phoenix", "heartbeat", {})


def test_a_heartbeat_unanswered_until_the_next_means_that_the_socket_is_dead():
    one = joined()
    assert one.beat() is not None
    assert one.receive(reply("1", topic="phoenix")) is None  # to something else
    assert one.beat() is None


def test_a_heartbeat_that_is_answered_lets_the_next_one_go():
    one = joined()
    for expected in ("2", "3", "4"):
        beat = one.beat()
        assert beat.ref == expected
        one.receive(reply(beat.ref, topic="phoenix"))


def test_on_another_socket_no_heartbeat_is_awaited():
    one = joined()
    one.beat()
    one.reset()
    assert one.state is State.IDLE
    assert one.beat() is not None


@pytest.mark.parametrize("payload", [None, [], "text", {"status": 3}, b"bytes"])
def test_odd_payloads_are_refusals_not_errors(payload):
    one = subscription()
    one.join()
    assert isinstance(one.receive(Frame("1", "1", TOPIC, "phx_reply", payload)), Ended)


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (b'{"error":"Too many connected users"}', "Too many connected users"),
        (b"<html>", "<html>"),
        ({"message": "no"}, "no"),
        ("plain", "plain"),
        (None, ""),
        ("x" * 1_000, "x" * 300 + "…"),
    ],
)
def test_what_a_server_says_is_found_in_its_answer(response, text):
    assert said(response) == text
