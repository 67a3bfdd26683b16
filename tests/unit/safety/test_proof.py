"""Proofs: what is read of a record or a file, and what does not hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.safety.proof import (
    ENVIRONMENTS,
    MOST_DAYS,
    Proof,
    ProofError,
    file_of,
    judge_file,
    judge_records,
    proof_in_file,
    proof_in_record,
    record_of,
    shown,
    why_not,
)
from wedload.units import NS_PER_S
from wedload.workload.permits import Caps

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GOOD = "v=wedload1; host=staging.example; expires=2027-02-25"


def as_file(**changes: object) -> bytes:
    said = {"wedload": 1, "host": "staging.example", "expires": "2027-02-25"} | changes
    return json.dumps({key: value for key, value in said.items() if value is not None}).encode()


def test_a_record_says_its_host_and_until_the_end_of_which_day_it_holds():
    proof = proof_in_record(GOOD)

    assert proof == Proof("staging.example", datetime(2027, 2, 26, tzinfo=UTC))
    assert judge_records([GOOD], "staging.example", NOW).proof == proof


def test_an_owner_may_say_what_it_is_and_how_much_load_it_bears():
    more = "; environment=staging; max_rate=600/1m; max_vus=200; max_duration=30m"
    proof = proof_in_record(GOOD + more)
    same = proof_in_file(
        as_file(environment="staging", max_rate="10/s", max_vus=200, max_duration="30m")
    )

    assert proof.environment == "staging"
    assert proof.caps == Caps(Fraction(10), 200, 1800 * NS_PER_S)
    assert same == proof


@pytest.mark.parametrize(
    "record",
    [
        " v = wedload1 ;host=Staging.Example. ; expires = 2027-02-25;",
        "v=wedload1;expires=2027-02-26T00:00:00Z;host=staging.example",
        "v=wedload1;expires=2027-02-26T02:00:00+02:00;host=staging.example",
    ],
)
def test_a_record_may_be_written_in_other_ways(record):
    assert proof_in_record(record) == proof_in_record(GOOD)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("", "is empty"),
        ("v=spf1 include:_spf.example -all", "does not begin with v=wedload1: v=spf1"),
        ("host=staging.example; v=wedload1; expires=2027-02-25", "does not begin with"),
        ("v=wedload2; host=staging.example; expires=2027-02-25", "does not begin with"),
        ("v=wedload1; host=staging.example", "says no expires"),
        ("v=wedload1; expires=2027-02-25", "says no host"),
        ("v=wedload1; host=; expires=2027-02-25", "has a wrong host: "),
        (f"{GOOD}; max_rate", "has a tag that is not name=value: max_rate"),
        (f"{GOOD}; host=other.example", "has the tag host twice"),
        (f"{GOOD}; max_users=5", "says max_users, which this version of wedload does not know"),
        (
            f"{GOOD}; environment=prod",
            "has a wrong environment: prod; expected development, test, staging, production",
        ),
        (f"{GOOD}; max_rate=fast", "has a wrong max_rate: fast; expected 500/s or 600/1m"),
        (f"{GOOD}; max_rate=0/s", "has a wrong max_rate: "),
        (f"{GOOD}; max_vus=-5", "has a wrong max_vus: "),
        (f"{GOOD}; max_vus=1.5", "has a wrong max_vus: "),
        (f"{GOOD}; max_duration=30", "has a wrong max_duration: "),
        ("v=wedload1; host=staging.example; expires=soon", "has a wrong expires: soon"),
        ("v=wedload1; host=staging.example; expires=2027-02-30", "has a wrong expires: "),
        (
            "v=wedload1; host=staging.example; expires=2027-02-25T10:00:00",
            "has a wrong expires: 2027",
        ),
    ],
)
def test_a_malformed_record_proves_nothing_and_the_reason_is_said(record, why):
    judged = judge_records([record], "staging.example", NOW)

    assert judged.proof is None
    assert judged.reasons[0].startswith(why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 5000, "is not JSON"),
        (b"<html></html>", "is not JSON"),
        (b"[]", 'is not a JSON object with "wedload": 1'),
        (as_file(wedload=None), 'is not a JSON object with "wedload": 1'),
        (as_file(wedload=2), 'is not a JSON object with "wedload": 1'),
        (as_file(wedload=True), 'is not a JSON object with "wedload": 1'),
        (as_file(host=7), "has a wrong host: 7"),
        (as_file(expires=20270225), "has a wrong expires: "),
        (as_file(max_vus=True), "has a wrong max_vus: "),
        (as_file(max_rate=500), "has a wrong max_rate: "),
        (as_file(more="x"), "says more, which this version"),
        (b'{"wedload":1,"host":"a.example","host":"staging.example"}', "has the key host twice"),
    ],
)
def test_a_malformed_file_proves_nothing_and_the_reason_is_said(text, why):
    judged = judge_file(text, "staging.example", NOW)

    assert judged.proof is None
    assert judged.reasons[0].startswith(why)


@pytest.mark.parametrize(
    ("host", "days", "why"),
    [
        ("other.example", 30, "is for another host: staging.example"),
        ("a.staging.example", 30, "is for another host"),
        ("staging.example.evil.test", 30, "is for another host"),
        ("staging.example", 0, "expired on 2026-11-27 12:00 UTC"),
        ("staging.example", -1, "expired on 2026-11-26"),
        ("staging.example", -0.5, "expired on 2026-11-26"),  # a midnight: it was written as a day
        ("staging.example", MOST_DAYS + 2, "which is more than 366 days from now"),
        ("STAGING.example.", MOST_DAYS, None),
        ("staging.example", 30, None),
    ],
)
def test_a_proof_holds_for_its_own_host_and_for_a_time(host, days, why):
    found = why_not(Proof("staging.example", NOW + timedelta(days=days)), host, NOW)

    assert (found is None) is (why is None)
    assert (why or "") in (found or "")


def test_of_several_records_the_one_that_holds_counts():
    expired = GOOD.replace("2027-02-25", "2026-01-01")

    judged = judge_records(["v=spf1 -all", expired, GOOD], "staging.example", NOW)
    none = judge_records(["v=spf1 -all", expired], "staging.example", NOW)

    assert judged.proof is not None
    assert (none.proof, len(none.reasons)) == (None, 2)
    assert judge_records([], "staging.example", NOW).reasons == ()


@given(
    st.sampled_from(["staging.example", "192.0.2.7", "2001:db8::7"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from([None, *ENVIRONMENTS]),
    st.none() | st.fractions(min_value=Fraction(1, 3600), max_value=10**6, max_denominator=3600),
    st.none() | st.integers(1, 10**6),
    st.none() | st.integers(1, 10**15),
)
def test_what_is_published_is_read_as_it_was_meant(host, expires, environment, rate, vus, ns):
    proof = Proof(host, expires, environment, Caps(rate, vus, ns))

    assert proof_in_record(record_of(proof)) == proof
    assert proof_in_file(file_of(proof).encode()) == proof


@given(st.text(max_size=200))
def test_no_record_is_more_than_malformed(text):
    try:
        proof = proof_in_record(text)
    except ProofError as error:
        assert str(error).isprintable()  # noqa: PT017 - what it says is printed
    else:
        assert proof.host


@given(st.binary(max_size=200))
def test_no_file_is_more_than_malformed(text):
    assert judge_file(text, "staging.example", NOW).proof is None


def test_what_others_have_written_is_shown_short_and_plain():
    assert shown("a\x1b[31m\n") == "a?[31m?"
    assert shown("x" * 100) == "x" * 60 + "…"
