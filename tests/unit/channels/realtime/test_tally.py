"""What is counted of a population, and said of it."""

from __future__ import annotations

import pytest

from wedload.channels.realtime.subscriber import Failure
from wedload.channels.realtime.tally import Tally
from wedload.units import NS_PER_S

REFUSED = Failure("connect", "127.0.0.1:9: Connection refused")
FULL = Failure(
    "ConnectionRateLimitReached", "Too many connected users", "ConnectionRateLimitReached"
)


def test_most_and_least_are_of_the_load_alone():
    tally = Tally(3)
    for number in (0, 1, 2):
        tally.has_joined(number)
    tally.has_left(1, REFUSED)
    tally.has_joined(1)
    tally.begin(0)
    tally.has_left(0, REFUSED)
    tally.has_left(2, FULL)
    tally.has_joined(0)
    assert tally.report() == {
        "subscribers": 3, "joined_most": 3, "joined_least": 1, "away_share": 0.0, "drops": 3,
        "rejoins": 2,
        "join_failures": {}, "quota_errors": {"ConnectionRateLimitReached": 1}, "unreadable": 0,
    }  # fmt: skip


def test_it_is_complete_when_all_are_there_at_once():
    tally = Tally(2)
    tally.has_joined(0)
    tally.has_left(0, REFUSED)
    tally.has_joined(1)
    assert not tally.complete
    tally.has_joined(0)
    assert tally.complete


def test_failures_are_counted_by_reason_and_quotas_by_code():
    tally = Tally(2)
    for in_a_row in (1, 2):
        tally.has_failed(0, REFUSED, in_a_row)
    tally.has_failed(1, FULL, 1)
    report = tally.report()
    assert report["join_failures"] == {"connect": 2, "ConnectionRateLimitReached": 1}
    assert report["quota_errors"] == {"ConnectionRateLimitReached": 1}
    assert report["joined_least"] == report["joined_most"] == 0


def test_it_is_hopeless_when_one_fails_again_and_again_and_nobody_has_joined():
    tally = Tally(2)
    for in_a_row in (1, 2, 3):
        tally.has_failed(0, REFUSED, in_a_row)
    assert not tally.hopeless
    tally.has_failed(0, REFUSED, 4)
    assert tally.hopeless
    tally.has_joined(1)
    assert not tally.hopeless


def test_it_is_hopeless_when_one_fails_for_good():
    tally = Tally(2)
    tally.has_joined(1)
    tally.has_failed(0, Failure("status 401", "no", final=True), 1)
    assert tally.hopeless


@pytest.mark.parametrize(
    ("failures", "sentence"),
    [
        (
            dict.fromkeys(range(3), REFUSED),
            (
                "3 of 3 subscribers did not join within 7.00 s: 127.0.0.1:9: "
                "Connection refused (is the server running, and is `url` right?)"
            ),
        ),
        (
            {0: REFUSED, 1: FULL},
            (
                "3 of 3 subscribers did not join within 7.00 s: 1 × 127.0.0.1:9: "
                "Connection refused; 1 × Too many connected users; 1 × still joining "
                "(lower `subscribers` or `joins`, or have the limit of the service raised)"
            ),
        ),
        (
            {},
            "3 of 3 subscribers did not join within 7.00 s: 3 × still joining",
        ),
    ],
)
def test_the_problem_says_how_many_and_why_and_what_may_help(failures, sentence):
    tally = Tally(3)
    for number, failure in failures.items():
        tally.has_failed(number, failure, 1)
    assert tally.problem(7 * NS_PER_S + 3) == sentence


def test_many_reasons_are_told_in_part():
    tally = Tally(9)
    tally.has_joined(8)
    for number in range(8):
        tally.has_failed(
            number, Failure("odd", f"reason {number // 2 if number < 6 else number}"), 1
        )
    text = tally.problem(NS_PER_S)
    assert text == (
        "8 of 9 subscribers did not join within 1.00 s: 2 × reason 0; 2 × reason 1; "
        "2 × reason 2; 2 × others"
    )


def test_reasons_that_a_server_makes_up_are_bounded():
    tally = Tally(1)
    for number in range(100):
        tally.has_failed(0, Failure(f"made up {number}", "x"), number)
    failures = tally.report()["join_failures"]
    assert len(failures) == 31
    assert failures["other"] == 70
    assert tally.reason_of(Failure("made up 0", "x")) == "made up 0"


def test_where_one_is_refused_for_good_the_others_are_not_counted_and_no_time_is_told():
    tally = Tally(2)
    tally.has_failed(0, Failure("status 401", "http://h/x answered with status 401", final=True), 1)
    assert tally.problem(13_000_000) == (
        "a subscriber could not join: http://h/x answered with status 401 "
        "(are `access_token`, `headers` and `params` right?)"
    )


def test_where_several_are_refused_for_good_each_reason_is_told():
    tally = Tally(5)
    for number in (0, 1):
        tally.has_failed(number, Failure("status 404", "no such path", final=True), 1)
    tally.has_failed(2, REFUSED, 1)
    assert tally.problem(0) == (
        "subscribers could not join: 2 × no such path; 1 × 127.0.0.1:9: Connection "
        "refused (is the path in `url` right?)"
    )


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        (Failure("refused", "unmatched topic"), "is `topic` right? those of Supabase begin with"),
        (
            Failure("refused", "Unable to subscribe to changes with given parameters: no table x"),
            "are schema, table and filter in `changes` right?",
        ),
        (Failure("timeout", "the join was not answered within 10 s"), "does `url` lead to a"),
        (Failure("timeout", "no answer within 10 s"), "is the server up to it?"),
        (Failure("tls", "wrong version number"), "does the server speak TLS there?"),
        (Failure("status 200", "it opens no WebSocket"), "is `url` that of a WebSocket?"),
    ],
)
def test_a_failure_comes_with_what_may_help(failure, remedy):
    tally = Tally(1)
    tally.has_failed(0, failure, 1)
    assert f" ({remedy}" in tally.problem(NS_PER_S)


def test_the_share_of_their_time_that_subscribers_were_away_is_known():
    """Of four, one is away for half of the load, and another for a quarter."""
    tally = Tally(4)
    for number in range(4):
        tally.look(0)
        tally.has_joined(number)
    tally.begin(1_000)
    for at_ns, who in ((1_200, 0), (1_500, 1)):
        tally.look(at_ns)
        tally.has_left(who, Failure("reset", "gone"))
    tally.look(1_700)
    tally.has_joined(0)
    tally.look(1_750)
    tally.has_joined(1)
    tally.look(2_000)
    assert tally.away_share == (500 + 250) / 4_000
