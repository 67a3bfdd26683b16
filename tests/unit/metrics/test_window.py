"""A window that slides is what merging its seconds anew would be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.histograms import all_of
from wedload.metrics.histogram import HIGHEST_NS, Histogram
from wedload.metrics.summary import RateCount
from wedload.metrics.window import CountWindow, RateWindow, TrendWindow

LENGTHS = st.none() | st.integers(1, 6)
DURATIONS = st.lists(st.integers(1, HIGHEST_NS + 1000), max_size=20)


@given(LENGTHS, st.lists(DURATIONS, min_size=1, max_size=12))
def test_trend_over_its_last_seconds_is_their_merged_histogram(length, seconds):
    window = TrendWindow(length)
    histograms = [Histogram.of(one) for one in seconds]
    for number, one in enumerate(histograms, 1):
        window.add(one)
        last = histograms[:number] if length is None else histograms[:number][-length:]
        assert all_of(window.whole) == all_of(Histogram.merge(last))


@given(LENGTHS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=12))
def test_rate_and_count_over_the_last_seconds_are_sums(length, seconds):
    rate, count = RateWindow(length), CountWindow(length)
    for number, (yes, no) in enumerate(seconds, 1):
        rate.add(RateCount(yes, yes + no))
        count.add(yes)
        last = seconds[:number] if length is None else seconds[:number][-length:]
        assert rate.whole == RateCount(sum(y for y, _ in last), sum(y + n for y, n in last))
        assert count.whole == sum(y for y, _ in last)


@pytest.mark.parametrize("length", [None, 3])
def test_window_of_nothing_is_empty(length):
    window = TrendWindow(length)
    window.add(Histogram.of([]))

    assert window.whole.count == 0
