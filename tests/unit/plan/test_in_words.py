"""Latencies and faults of a plan in words."""

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.in_words import latency_words, what_goes_wrong
from wedload.plan.latency import parse_latency
from wedload.plan.loader import parse_plan

FAULT = '[[faults]]\nname = "x"\non = "pay"\nat = "1m"\nfor = "1m"\n{what}\n'


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("120ms", "in 120ms"),
        ("uniform(20ms, 80ms)", "in 20ms to 80ms"),
        ("normal(mean=2s, sd=500ms)", "in 2s on average, with a standard deviation of 500ms"),
        ("exponential(2s)", "in 2s on average, exponentially distributed"),
        ("lognormal(p50=120ms, p99=900ms)", "half within 120ms, 99 % within 900ms"),
    ],
)
def test_a_latency_is_said_in_words(written, words):
    assert latency_words(parse_latency(written)) == words


def test_a_latency_from_a_file_is_said_with_the_file():
    assert latency_words(parse_latency("empirical(calls.csv)")) == "as measured in calls.csv"


def test_no_latency_is_at_once():
    assert latency_words(None) == "at once"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('latency = "uniform(1s, 2s)"', "later: in 1s to 2s"),
        ('status = 503\nretry_after = "2s"', "answers 503 and Retry-After 2s"),
        ("empty = true", "no answer, the connection is closed"),
        ('malformed = "chunk"', "malformed answers (chunk)"),
        ("reset = true", "connections are reset"),
        ('reset = "1s"', "connections are reset after 1s"),
        ("timeout = true", "nothing comes through"),
        ('timeout = "3s"', "nothing comes through, closed after 3s"),
        ('slow_close = "1s"', "connections end 1s later"),
        ('slicer = { size = "64B" }', "pieces of 64 bytes"),
        ('limit_data = "2kB"', "connections end after 2,000 bytes"),
        ('bandwidth = "2kB/s"\ndirection = "up"', "2,000 bytes a second, of what is sent to it"),
        ("status = 500\ntoxicity = 0.25", "answers 500; 25 % suffer it"),
    ],
)
def test_what_goes_wrong_is_said_in_words(tmp_path, written, words):
    text = WITH_THIRD_PARTIES + FAULT.format(what=written)

    plan = parse_plan(text, file="plan.toml", base=tmp_path).plan

    assert what_goes_wrong(plan.faults[3]) == words
