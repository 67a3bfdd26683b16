"""Third parties and proxies in words."""

from __future__ import annotations

import pytest

from wedload.metrics.histogram import Histogram
from wedload.report.third_party_words import besides, proxy_words
from wedload.results.dependency_model import Dependency, FaultProxy
from wedload.results.figures import trend_figures
from wedload.units import NS_PER_MS


def dependency(**changes):
    facts = {"name": "calendar", "simulate": "google-calendar", "requests": 10} | changes
    return Dependency.model_validate(facts)


def test_of_a_third_party_that_answers_everything_there_is_nothing_to_add():
    once = trend_figures(Histogram.of([1] * 10), durations=False)

    assert besides(dependency(outcomes={"ok": 10}, metrics={"operation_attempts": once})) == ""


def test_what_failed_and_how_it_was_retried_is_told_in_their_order():
    attempts = trend_figures(Histogram.of([1] * 60 + [4]), durations=False)
    gaps = trend_figures(Histogram.of([200 * NS_PER_MS] * 60))
    kept = {"unit": "ratio", "count": 60, "yes": 45, "rate": 0.75}
    one = dependency(
        outcomes={"ok": 5, "quota": 2, "down": 3},
        duplicates=1,
        metrics={
            "operation_attempts": attempts, "retry_gap": gaps, "retry_policy_kept": kept,
            "retry_after_kept": kept | {"yes": 60, "rate": 1.0},
        },
    )  # fmt: skip

    assert besides(one) == (
        "5 failed (3 × down, 2 × quota), 1 operation carried out twice or more, at most 4 attempts "
        "of an operation, 200 ms (p50) between two, policy of retries kept in 75 % of 60"
    )


PROXY = FaultProxy(
    name="db", upstream="127.0.0.1:5432", listen="127.0.0.1:4100", connections=1,
    bytes_up=1_200_000, bytes_down=999, resets=3, refused=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "db: 127.0.0.1:4100 → 127.0.0.1:5432, 1 connection, 1.2 MB up, 999 B down, 3 reset"),
        (
            {"connections": 1200, "resets": 0, "refused": 7, "bytes_up": None},
            "db: 127.0.0.1:4100 → 127.0.0.1:5432, 1,200 connections, 999 B down, 7 refused",
        ),
        (
            {"resets": 0, "bytes_up": None, "bytes_down": None, "upstream_failures": 1},
            "db: 127.0.0.1:4100 → 127.0.0.1:5432, 1 connection, 1 without their service",
        ),
        (
            {"connections": None, "listen": None},
            "db → 127.0.0.1:5432; what it reports was lost with its process",
        ),
    ],
)
def test_a_proxy_has_one_line(changes, words):
    assert proxy_words(PROXY.model_copy(update=changes)) == words
