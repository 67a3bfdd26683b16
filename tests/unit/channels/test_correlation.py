"""What becomes of messages that are expected, and of those that are not."""

from __future__ import annotations

import pytest

from tests.helpers.correlating import STEP, Correlating
from wedload.channels.correlation import LINGER_NS, PATIENCE_NS, SLACK_NS
from wedload.channels.port import Place

WITHIN = 1_000


def test_a_message_within_its_deadline_is_delivered() -> None:
    """And nothing else is counted."""
    channel = Correlating()
    channel.expect("a", since=100, within=WITHIN)
    channel.heard("a", at=700)
    counts, trends = channel.finished()
    assert counts == {"expected ok": 1}
    assert trends == {"webhook_delivery_duration": [1], "webhook_arrival_duration": [1]}


def test_a_message_that_is_there_before_anybody_says_that_it_is_expected_is_delivered() -> None:
    """As most are: a load process knows a key only from the trigger's response."""
    channel = Correlating()
    channel.heard("a", at=700)
    channel.expect("a", since=100, within=WITHIN)
    assert channel.finished()[0] == {"expected ok": 1}


def test_a_message_that_never_comes_is_missed_as_soon_as_its_deadline_is_over() -> None:
    channel = Correlating()
    channel.expect("a", since=100, within=WITHIN, waiting=5)
    channel.correlator.sweep(1_100 + SLACK_NS)
    assert channel.correlator.open == 1
    channel.correlator.sweep(1_101 + SLACK_NS)
    assert channel.correlator.open == 0
    assert [(one.waiting, one.fate) for one in channel.answers] == [((0, 5), "missed")]
    assert channel.finished()[0] == {"expected missed": 1}


@pytest.mark.parametrize("swept", [False, True])
def test_a_message_after_its_deadline_is_missed_and_late(swept: bool) -> None:
    """Whether or not somebody has looked at the clock in between; its duration is recorded."""
    channel = Correlating()
    channel.expect("a", since=100, within=WITHIN, waiting=5)
    if swept:
        channel.correlator.sweep(5_000 + SLACK_NS)
    channel.heard("a", at=2_100)
    counts, trends = channel.finished()
    assert counts == {"expected missed": 1, "late": 1}
    assert trends["webhook_delivery_duration"] == [1]
    assert [one.fate for one in channel.answers] == ["missed"]


def test_what_is_on_its_way_when_a_run_ends_is_undecided() -> None:
    """It is neither delivered nor missed."""
    channel = Correlating()
    channel.expect("a", since=100, within=WITHIN, waiting=5)
    assert channel.finished(at=500)[0] == {"undecided": 1}
    assert [one.fate for one in channel.answers] == ["undecided"]


def test_a_second_message_with_a_key_that_was_expected_once_is_a_duplicate() -> None:
    channel = Correlating()
    channel.heard("a", at=600)
    channel.expect("a", since=100, within=WITHIN)
    channel.heard("a", at=700)
    channel.heard("a", at=800)
    assert channel.finished()[0] == {"expected ok": 1, "duplicates": 2}


def test_a_message_that_nobody_expects_is_unexpected() -> None:
    channel = Correlating()
    channel.heard("b", at=700)
    assert channel.finished()[0] == {"unexpected": 1}


def test_nobody_waits_for_ever_for_the_one_who_expects_a_message() -> None:
    """After a while it is given up, and a later expectation does not get it."""
    channel = Correlating()
    channel.heard("a", at=700)
    channel.correlator.sweep(700 + PATIENCE_NS)
    channel.correlator.sweep(701 + PATIENCE_NS)
    channel.expect("a", since=100, within=WITHIN)
    assert channel.finished()[0] == {"unexpected": 1, "expected missed": 1}


def test_a_message_from_before_its_trigger_is_not_its_answer() -> None:
    """It belongs to something else with the same key."""
    channel = Correlating()
    channel.heard("a", at=50)
    channel.expect("a", since=100, within=WITHIN)
    channel.heard("a", at=150)
    assert channel.finished()[0] == {"expected ok": 1, "duplicates": 1}


def test_of_a_key_that_is_expected_twice_each_message_answers_one() -> None:
    """Also if both are there before the second is expected."""
    channel = Correlating()
    channel.expect("a", since=100, within=WITHIN)
    channel.heard("a", at=200)
    channel.heard("a", at=400)
    channel.expect("a", since=300, within=WITHIN)
    assert channel.finished()[0] == {"expected ok": 2}


def test_a_webhook_that_is_accepted_at_its_second_attempt_has_arrived_at_its_first() -> None:
    """Two durations: until it was there at all, and until it was accepted."""
    channel = Correlating()
    channel.expect("a", since=100, within=WITHIN)
    channel.correlator.arrived("a", 200)
    channel.heard("a", at=900)
    channel.correlator.finish(10**12)
    trends = channel.recorder.flush(0, 0, {}).trends
    found = {key.metric: (one.min_ns, one.max_ns) for key, one in trends.items()}
    assert found == {
        "webhook_arrival_duration": (100, 100),
        "webhook_delivery_duration": (800, 800),
    }


def test_somebody_who_waits_is_told_and_given_the_message() -> None:
    channel = Correlating(keeps_messages=True)
    channel.heard("a", at=700, body=b"early")
    channel.expect("a", since=100, within=WITHIN, waiting=1)
    channel.expect("b", since=100, within=WITHIN, waiting=2)
    channel.heard("b", at=800, body=b"late")
    found = [
        (one.waiting, one.fate, one.at_ns, one.message.body)
        for one in channel.answers
        if one.message
    ]
    assert found == [((0, 1), "ok", 700, b"early"), ((0, 2), "ok", 800, b"late")]


# --- realtime -------------------------------------------------------------------------------------


def test_every_subscriber_that_had_joined_is_to_hear_a_message() -> None:
    """Delivered and missed are counted for each of them; the last one is timed when all have it."""
    channel = Correlating(kind="realtime", subscribers=3)
    channel.expect("a", since=100, within=WITHIN, waiting=1)
    for subscriber, at in ((2, 300), (0, 200)):
        channel.heard("a", at, subscriber)
    channel.expect("b", since=100, within=WITHIN, waiting=2)
    for subscriber, at in ((0, 150), (1, 450), (2, 250)):
        channel.heard("b", at, subscriber)
    channel.correlator.sweep(10_000 + SLACK_NS)
    snapshot = channel.recorder.flush(0, 0, {})
    counts = {(key.metric, key.outcome): number for key, number in snapshot.counts.items()}
    assert counts == {("realtime_expected", "ok"): 5, ("realtime_expected", "missed"): 1}
    last = [one for key, one in snapshot.trends.items() if key.metric == "realtime_last_subscriber"]
    assert [(one.count, one.max_ns) for one in last] == [(1, 350)]
    assert {one.waiting: one.fate for one in channel.answers} == {(0, 1): "missed", (0, 2): "ok"}
    assert all(key.series == STEP for key in snapshot.trends)


def test_a_subscriber_that_joined_after_a_trigger_is_not_expected_to_hear_of_it() -> None:
    """Nor does it count if it does."""
    channel = Correlating(kind="realtime", subscribers=3)
    channel.correlator.membership.leave(1, 50)
    channel.correlator.membership.join(1, 500)
    channel.expect("a", since=100, within=WITHIN)
    for subscriber in range(3):
        channel.heard("a", 600, subscriber)
    assert channel.finished()[0] == {"expected ok": 2}


def test_a_subscriber_that_left_after_a_trigger_has_missed_it() -> None:
    """It had joined when the message was caused."""
    channel = Correlating(kind="realtime", subscribers=2)
    channel.correlator.membership.leave(1, 150)
    channel.heard("a", 200, 0)
    channel.expect("a", since=100, within=WITHIN)
    assert channel.finished()[0] == {"expected ok": 1, "expected missed": 1}


def test_where_nobody_has_joined_there_is_nothing_to_expect() -> None:
    channel = Correlating(kind="realtime", subscribers=1)
    channel.correlator.membership.leave(0, 50)
    channel.expect("a", since=100, within=WITHIN, waiting=4)
    assert [one.fate for one in channel.answers] == ["nobody"]
    assert channel.finished()[0] == {"unheard": 1}


def test_a_message_to_any_subscriber_will_do_where_the_plan_says_so() -> None:
    """The first decides; what others hear is timed, and no duplicate."""
    channel = Correlating(kind="realtime", subscribers=3, any_of_them=True)
    channel.expect("a", since=100, within=WITHIN, waiting=1)
    channel.heard("a", 200, 2)
    channel.heard("a", 300, 0)
    channel.heard("a", 400, 2)
    channel.expect("b", since=100, within=WITHIN)
    counts, trends = channel.finished()
    assert counts == {"expected ok": 1, "expected missed": 1, "duplicates": 1}
    assert trends == {"realtime_propagation": [2]}
    assert [(one.fate, one.at_ns) for one in channel.answers] == [("ok", 200)]


def test_a_message_behind_one_sent_after_it_is_out_of_order() -> None:
    """For each subscriber and entity; repeats are no matter of order."""
    channel = Correlating(kind="realtime", subscribers=2)
    for subscriber, numbers in enumerate(([1, 3, 2, 2, 4], [1, 2, 3, 4])):
        for number in numbers:
            channel.heard(f"m{number}", 100, subscriber, Place("e", number))
    channel.heard("other", 100, 0, Place("f", 1))
    for number in range(1, 5):
        channel.expect(f"m{number}", since=50, within=WITHIN)
    counts, _ = channel.finished()
    assert counts == {"expected ok": 8, "out_of_order": 1, "duplicates": 1, "unexpected": 1}


@pytest.mark.parametrize("early", [False, True])
def test_a_message_that_is_late_is_not_out_of_order_as_well(early: bool) -> None:
    """Each has one fate; it is behind others because it is late."""
    channel = Correlating()
    if not early:
        channel.expect("a", since=100, within=WITHIN)
        channel.expect("b", since=110, within=WITHIN)
    channel.heard("b", at=500, place=Place("e", 2))
    channel.heard("a", at=5_000, place=Place("e", 1))
    if early:
        channel.expect("a", since=100, within=WITHIN)
        channel.expect("b", since=110, within=WITHIN)
    assert channel.finished()[0] == {"expected ok": 1, "expected missed": 1, "late": 1}


def test_what_was_missed_a_moment_ago_may_still_come() -> None:
    """So that the end of a run can wait for it; not for ever, and not for what is there."""
    channel = Correlating(kind="realtime", subscribers=3)
    channel.expect("a", since=0, within=WITHIN)
    channel.heard("a", 500, 0)
    channel.correlator.sweep(WITHIN + 1 + SLACK_NS)
    assert channel.correlator.absent(WITHIN + 1) == 2
    channel.heard("a", 2_000, 1)
    assert channel.correlator.absent(2_000) == 1
    assert channel.correlator.absent(WITHIN + LINGER_NS) == 1
    assert channel.correlator.absent(WITHIN + LINGER_NS + 1) == 0


# --- memory ---------------------------------------------------------------------------------------


def test_only_so_many_keys_are_remembered_and_the_others_are_counted() -> None:
    """Those that are awaited stay, however old."""
    channel = Correlating(remember=10)
    channel.expect("awaited", since=0, within=10**9)
    for number in range(100):
        channel.heard(f"k{number}", at=number)
    assert channel.correlator.forgotten == 91
    channel.heard("awaited", at=500)
    counts, _ = channel.finished()
    assert counts == {"expected ok": 1, "unexpected": 100}


# --- keys that are used again ---------------------------------------------------------------------


def test_a_message_that_was_lost_does_not_make_those_after_it_late() -> None:
    """The next one with its key answers the next trigger, once the lost one's deadline is over."""
    channel = Correlating()
    for since in (0, 2_000, 4_000):
        channel.expect("room", since=since, within=WITHIN)
        if since:
            channel.heard("room", at=since + 100)
        channel.correlator.sweep(since + 1_500 + SLACK_NS)
    assert channel.finished()[0] == {"expected ok": 2, "expected missed": 1}


def test_a_subscriber_that_was_away_once_hears_the_next_message_of_the_same_key() -> None:
    channel = Correlating(kind="realtime", subscribers=2)
    channel.correlator.membership.leave(1, 50)
    channel.expect("room", since=100, within=WITHIN)
    channel.correlator.membership.join(1, 150)
    channel.heard("room", 200, 0)
    channel.heard("room", 210, 1)  # a copy that it was not to get
    for since in (300, 400):
        channel.expect("room", since=since, within=WITHIN)
        for subscriber in (0, 1):
            channel.heard("room", since + 50, subscriber)
    assert channel.finished()[0] == {"expected ok": 5}


def test_each_message_to_any_subscriber_decides_one_of_its_key() -> None:
    """Whoever hears it."""
    channel = Correlating(kind="realtime", subscribers=3, any_of_them=True)
    for number in range(4):
        since = number * 100
        channel.expect("room", since=since, within=WITHIN)
        channel.heard("room", since + 50, number % 3)
    assert channel.finished()[0] == {"expected ok": 4}


def test_versions_of_one_record_have_an_order_and_repeats_of_one_have_none() -> None:
    """A key that is the record, and a sequence that is its version."""
    channel = Correlating()
    for version in (1, 3, 2, 2, 4):
        channel.heard("record", at=100 + version, place=Place("record", version))
    assert channel.finished()[0] == {"unexpected": 5, "out_of_order": 1}


def test_each_expectation_is_answered_by_the_message_that_it_took() -> None:
    """Not by another one of its key, also not by one from before its trigger."""
    channel = Correlating(keeps_messages=True)
    for at, body in ((50, b"before"), (150, b"first"), (250, b"second")):
        channel.heard("a", at=at, body=body)
    channel.expect("a", since=100, within=WITHIN, waiting=1)
    channel.expect("a", since=200, within=WITHIN, waiting=2)
    found = [one.message.body for one in channel.answers if one.message]
    assert found == [b"first", b"second"]
    assert channel.finished()[0] == {"expected ok": 2, "duplicates": 1}


# --- bounds ---------------------------------------------------------------------------------------


def test_keys_that_are_all_awaited_are_kept_however_few_are_to_be_remembered() -> None:
    channel = Correlating(remember=3)
    for number in range(20):
        channel.expect(f"k{number}", since=0, within=WITHIN)
    for number in range(20):
        channel.heard(f"k{number}", at=500)
    assert channel.finished()[0] == {"expected ok": 20}


def test_a_message_that_was_stamped_in_time_is_on_its_way_for_a_moment() -> None:
    """It may be handled behind a look at the clock."""
    channel = Correlating()
    channel.expect("a", since=0, within=WITHIN)
    channel.correlator.sweep(WITHIN + SLACK_NS)
    channel.heard("a", at=WITHIN)
    assert channel.finished()[0] == {"expected ok": 1}


def test_contents_of_messages_that_nobody_expects_are_bounded() -> None:
    """Beyond 64 MB the oldest are given up, and counted."""
    channel = Correlating(keeps_messages=True)
    for number in range(100):
        channel.heard(f"k{number}", at=number, body=bytes(1_000_000))
    assert 30 <= channel.correlator.overflowed <= 40
    for number in range(100):
        channel.expect(f"k{number}", since=0, within=10**6)
    counts, _ = channel.finished()
    assert counts["expected ok"] == 100 - channel.correlator.overflowed
