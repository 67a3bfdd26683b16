"""What a search comes to, in a sentence and in fields."""

from __future__ import annotations

import pytest

from wedload.capacity.judging import Stretch
from wedload.capacity.outcome import capacity_of, probe_line, rate_words
from wedload.capacity.probe import BadShare, RowSeen, Seen
from wedload.capacity.search import Search


def probe(rate: float, bad: int | None = 0, limit: str | None = None, total: int = 1000) -> Seen:
    """`bad` of so many samples, of which 50 in a thousand may be; None: too few samples."""
    if bad is None:
        return Seen(rate, {"Quick": RowSeen("insufficient", 5.0, 3)}, limit)
    status = "met" if bad < total / 20 else "missed"
    row = RowSeen(status, 100.0 + bad, total, margin=0.1, bad=BadShare(0.05, bad, total))
    return Seen(rate, {"Quick": row}, limit)


def found(*seen: Seen, first: float = 10, top: float = 1000):
    search = Search(first, top, list(seen))
    stretches = [
        Stretch(n, one.rate, 10.0 * n, 10.0 * n + 8) for n, one in enumerate(seen, start=1)
    ]
    return capacity_of(search, stretches, [3 * one.rate for one in seen])


CURVE = [probe(rate, round(50 * (rate / 100) ** 10)) for rate in (70, 85, 92, 96, 104, 108, 112)]


def test_a_capacity_that_is_found_has_its_interval_and_the_row_that_breaks():
    one = found(*CURVE)

    assert one.outcome == "found"
    assert one.rate_per_s == pytest.approx(100, rel=0.02)
    assert one.interval_95 is not None
    low, high = one.interval_95
    assert low < 100 < high
    assert one.breaks == "Quick"
    assert one.between == (96, 104)
    assert one.best == "probe 4"
    assert one.requests_per_s == pytest.approx(3 * one.rate_per_s, rel=1e-3)
    words = f"Capacity {rate_words(one.rate_per_s)} iterations/s (95 %: {rate_words(low)} to "
    assert one.sentence == f"{words}{rate_words(high)}): above it “Quick” breaks."


def test_where_nothing_breaks_the_highest_rate_bounds_it():
    one = found(probe(500), probe(1000))
    assert (one.outcome, one.rate_per_s, one.interval_95) == ("at least", 1000, None)
    assert one.sentence == (
        "Capacity at least 1,000 iterations/s: the highest rate that was probed."
    )


def test_where_something_else_is_the_limit_it_is_said_that_the_target_is_not():
    one = found(
        probe(10), probe(20), probe(40, 100, "the generator's CPU"),
        probe(40, 100, "the generator's CPU"),
    )  # fmt: skip
    assert (one.outcome, one.rate_per_s) == ("at least", 20)
    assert one.limit == "the generator's CPU"
    assert one.sentence.endswith("beyond it the limit was the generator's CPU, not the target.")


def test_rows_that_break_at_the_lowest_rate_bound_it_from_above():
    one = found(probe(10, 900), probe(5, 900))
    assert (one.outcome, one.rate_per_s, one.breaks) == ("below", None, "Quick")
    assert one.sentence == "Capacity below 5 iterations/s: at that rate already “Quick” breaks."


INCONCLUSIVE = [
    ("nothing", [], "no probe came to its end"),
    ("few samples", [probe(10, None)], "no row had samples enough in any probe"),
    ("a gap alone", [probe(80, 5), probe(100, 90)], "2 probes near it are too few"),
    ("a limit at once", [probe(10, 900, "the generator's CPU")] * 2, "even at 10 iterations/s"),
]


@pytest.mark.parametrize(
    ("seen", "why"), [o[1:] for o in INCONCLUSIVE], ids=[o[0] for o in INCONCLUSIVE]
)
def test_what_cannot_be_said_is_not_said(seen, why):
    one = found(*seen)
    assert one.outcome == "inconclusive"
    assert one.rate_per_s is None
    assert one.why is not None
    assert why in one.why
    assert one.sentence.startswith("Capacity not found: ")


def test_a_row_without_a_share_is_bracketed():
    def longest(rate: float, status: str) -> Seen:
        return Seen(rate, {"Longest": RowSeen(status, rate, 100)})

    one = found(longest(90, "met"), longest(100, "missed"))
    assert (one.outcome, one.between, one.interval_95) == ("found", (90, 100), None)
    assert one.sentence == "Capacity between 90 and 100 iterations/s: above it “Longest” breaks."


def test_each_probe_is_told_in_a_line():
    stretch = Stretch(3, 40, 1, 2)
    lines = [
        probe_line(one, stretch)
        for one in (probe(40), probe(40, 90), probe(40, 90, "the machine"), probe(40, None))
    ]
    assert lines == [
        "probe 3: 40 iterations/s held",
        "probe 3: 40 iterations/s broke Quick",
        "probe 3: 40 iterations/s came to a limit that is not the target's: the machine",
        "probe 3: 40 iterations/s gave too few samples to say",
    ]


@pytest.mark.parametrize(
    ("rate", "words"), [(0.15625, "0.156"), (12.34, "12.3"), (412.6, "413"), (12345.6, "12,346")]
)
def test_rates_have_three_digits(rate, words):
    assert rate_words(rate) == words
