"""What the benchmark of gateways reads of wrk, and when two that measured the same agree."""

from __future__ import annotations

import math

import pytest

from benchmarks.gateway import Told, latencies, of_rounds

WRK = """Running 1s test @ http://127.0.0.1:41807/
  1 threads and 1 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   123.45us  301.80us   9.42ms   97.63%
    Req/Sec     9.53k     1.72k   11.62k    90.91%
  Latency Distribution
     50%   82.00us
     75%    0.10ms
  10432 requests in 1.10s, 2.25MB read
"""


def test_the_mean_and_the_median_of_wrk_are_read_in_ms():
    assert latencies(WRK) == pytest.approx((0.12345, 0.082))


@pytest.mark.parametrize(
    "text", ["", WRK + "  Non-2xx or 3xx responses: 3\n", WRK + "  Socket errors: connect 1\n"]
)
def test_a_run_that_says_nothing_or_failed_is_none(text):
    with pytest.raises(ValueError, match="wrk did not say"):
        latencies(text)


def test_rounds_have_students_interval_and_one_round_has_none():
    told = of_rounds([1.0, 2.0, 3.0])
    # t of 0.975 with 2 degrees is 4.303, and the error of the mean 1/sqrt(3)
    assert (told.mean, told.reach) == (2.0, pytest.approx(4.3027 / math.sqrt(3), rel=1e-4))
    assert math.isinf(of_rounds([1.0]).reach)


def test_two_agree_if_their_difference_is_within_what_both_may_be_off_by():
    one = Told(1.0, 0.7, 1.3)
    assert one.agrees(Told(1.4, 1.0, 1.8))
    assert not one.agrees(Told(1.6, 1.2, 2.0))
