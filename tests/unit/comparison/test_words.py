from __future__ import annotations

import pytest

from wedload.comparison.model import Row
from wedload.comparison.words import (
    change_words,
    in_short,
    interval_words,
    sentence,
    span_words,
    value_words,
    values_words,
)


def row(**values) -> Row:
    known = {
        "name": "submit form p95", "metric": "http_req_duration", "where": {},
        "aggregation": "p95", "unit": "ms", "worse": "higher",
    }  # fmt: skip
    return Row(**known | values)


def share(**values) -> Row:
    return row(name="submit form failures", metric="http_req_failed", unit="ratio", **values)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (row(outcome="regression", base=412.3, current=486.4, change=0.18, interval=(0.12, 0.25)),
         "submit form p95 +18 % (12–25 %), 412 → 486 ms"),
        (row(outcome="no-regression", base=1.234, current=1.2, change=-0.0276,
             interval=(-0.031, 0.012)),
         "submit form p95 −2.8 % (−3.1 to +1.2 %), 1.23 → 1.20 ms"),
        (row(outcome="inconclusive", base=980.0, current=1240.0, change=0.266,
             interval=(-0.02, 0.61), needed_s=1130.0),
         ("submit form p95 +27 % (−2 to +61 %), 0.98 → 1.24 s; "
         "runs of about 19 min would decide")),
        (row(outcome="inconclusive", base=98.0, current=103.0, change=0.051, interval=None),
         ("submit form p95 +5.1 %, 98.0 → 103.0 ms; "
         "too close to the margin for a longer run to decide")),
        (row(outcome="regression", base=10.0, current=250.0, change=24.0, interval=(20.0, 30.0)),
         "submit form p95 25 times (21–31 times), 10.0 → 250.0 ms"),
        (share(outcome="regression", base=0.002, current=0.0142, change=0.0122,
               interval=(0.0092, 0.0161)),
         "submit form failures 0.2 % → 1.42 % (+0.9 to +1.6 points)"),
        (share(outcome="no-regression", base=0.0, current=0.0, change=0.0, interval=(0.0, 0.001)),
         "submit form failures 0 % → 0 % (±0 to +0.10 points)"),
        (row(name="throughput", metric="http_reqs", unit="per_s", outcome="regression",
             base=531.2, current=467.0, change=-0.121, interval=(-0.15, -0.09)),
         "throughput −12 % (−15 to −9 %), 531 → 467 req/s"),
        (row(reason="too few samples: 12 of 59 for p95"),
         "submit form p95: too few samples: 12 of 59 for p95"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_changed_and_how_surely(given, text):
    assert sentence(given) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (412.3, "ms", "412 ms"), (1240.0, "ms", "1.24 s"), (0.042, "ms", "42 µs"),
        (999.6, "ms", "1.00 s"), (0.0, "ratio", "0 %"), (1.0, "ratio", "100 %"),
        (0.00001, "ratio", "0.001 %"), (0.99999, "ratio", "99.999 %"), (0.9984, "ratio", "99.8 %"),
        (0.0004, "ratio", "0.04 %"), (531.4, "per_s", "531/s"), (None, "ms", "–"),
        (float("nan"), "ms", "–"), (1234.0, "count", "1,234"),
    ],
)  # fmt: skip
def test_values_have_about_three_digits_and_their_unit(value, unit, text):
    assert value_words(value, unit) == text


def test_a_share_that_is_not_all_is_never_rounded_to_all():
    assert value_words(0.9996, "ratio") == "99.96 %"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "10 s"), (61, "70 s"), (90, "90 s"), (91, "2 min"), (1140, "19 min"), (7200, "2 h"),
     (1e9, "several days")],
)  # fmt: skip
def test_a_length_of_run_is_rounded_up(seconds, text):
    assert span_words(seconds) == text


def test_figures_of_an_unbounded_interval_are_still_words():
    wide = row(base=1.0, current=2.0, change=1.0, interval=(-1.0, float("inf")))

    assert interval_words(wide) == "−100 to +∞ %"


def test_rows_without_figures_have_no_words_for_them():
    assert (change_words(row()), interval_words(row()), values_words(row())) == ("", "", "")


def test_what_is_open_is_named_with_the_longest_run_that_would_help():
    rows = [
        row(name=name, outcome="inconclusive", base=1.0, current=1.0, change=0.0, needed_s=needed)
        for name, needed in (("a", 100.0), ("b", 600.0), ("c", 120.0), ("d", 60.0), ("e", None))
    ]

    assert in_short(rows) == [
        "a, b, c and 1 more could not be decided; runs of about 10 min would",
        (
            "e came out too close to the margin: several runs a side, or another --margin,"
            " would tell more"
        ),
    ]


def test_nothing_decided_and_nothing_open_is_said():
    assert in_short([row()]) == ["no row has enough samples to be decided"]
