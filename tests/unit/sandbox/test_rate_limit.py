from __future__ import annotations

from wedload.sandbox.rate_limit import RateLimit, TokenBucket


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
