from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.sandbox.rate_limit import RateLimit, Record, TokenBucket, told


def test_burst_passes_then_the_rate_holds():
    bucket = TokenBucket(RateLimit(10), now_s=0)
    assert [bucket.take(0) for _ in range(20)] == [0] * 20
    assert bucket.take(0) == 1
    assert bucket.take(0.1) == 0
    assert bucket.take(0.15) == 1


def test_after_the_seconds_it_names_a_request_passes():
    for per_s in (0.01, 0.3, 1, 7):
        bucket = TokenBucket(RateLimit(per_s), now_s=5)
        while not (wait_s := bucket.take(5)):
            pass
        assert wait_s >= 1
        assert bucket.take(5 + wait_s) == 0


def test_bucket_never_holds_more_than_its_burst():
    bucket = TokenBucket(RateLimit(1), now_s=0)
    assert [bucket.take(1e6) for _ in range(3)] == [0, 0, 1]


def test_zero_is_no_limit():
    bucket = TokenBucket(RateLimit(0), now_s=0)
    assert not any(bucket.take(0) for _ in range(10_000))


def shown(record):
    return {name: count for name, count in record.counts().items() if count}


def test_wait_is_obeyed_by_a_first_request_that_comes_at_the_instant_told():
    record = Record()
    record.tell(5.0)
    assert shown(record) == {"limited": 1, "waiting": 1}
    record.arrives(5.0)
    assert shown(record) == {"limited": 1, "obeyed": 1}
    record.arrives(5.1)
    assert shown(record) == {"limited": 1, "obeyed": 1}


def test_every_request_before_the_instant_is_early_and_breaks_the_wait_once():
    record = Record()
    record.tell(5.0)
    for now_s in (4.0, 4.999):
        record.arrives(now_s)
    assert shown(record) == {"limited": 1, "early": 2, "broken": 1}
    record.arrives(5.0)
    assert shown(record) == {"limited": 1, "early": 2, "broken": 1}


def test_last_429_is_the_one_that_counts():
    record = Record()
    record.tell(5.0)
    record.arrives(4.0)
    record.tell(6.0)
    assert shown(record) == {"limited": 2, "early": 1, "broken": 1, "waiting": 1}
    record.arrives(5.5)
    record.arrives(6.0)
    assert shown(record) == {"limited": 2, "early": 2, "broken": 2}


def test_who_is_not_told_when_can_neither_obey_nor_come_early():
    record = Record()
    record.tell(None)
    record.arrives(0.0)
    assert shown(record) == {"limited": 1}


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 3)), max_size=60))
def test_every_wait_told_is_obeyed_broken_or_still_waiting(requests):
    record, now_s = Record(), 0.0
    for after_s, wait_s in requests:
        now_s += after_s
        record.arrives(now_s)
        if wait_s:
            record.tell(now_s + wait_s)
    counts = record.counts()
    assert counts["limited"] == counts["obeyed"] + counts["broken"] + counts["waiting"]
    assert counts["early"] >= counts["broken"]


def test_seconds_count_from_the_answer():
    assert told("seconds", 3, 1_700_000_000.25) == ("3", 3.0)
    assert told("none", 3, 1_700_000_000.25) == (None, None)


@pytest.mark.parametrize(("unix_s", "after_s"), [(1_700_000_000.25, 3.75), (1_700_000_000.0, 3.0)])
def test_date_is_the_first_whole_second_that_is_late_enough(unix_s, after_s):
    date, told_s = told("date", 3, unix_s)
    assert date.endswith(" GMT")
    assert parsedate_to_datetime(date).timestamp() == unix_s + told_s
    assert told_s == after_s
