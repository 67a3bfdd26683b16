"""Channels in words: only what there is, and the schedule of retries as it was observed."""

from __future__ import annotations

import pytest

from tests.helpers.heard_run import REPORTS, guests, heard_run, notices
from wedload.report.channel_words import besides, ordinal, reasons_words, retry_words
from wedload.results.channel_model import WebhookEar, ear_of
from wedload.results.channels import channel_counts


@pytest.mark.parametrize(
    ("number", "words"),
    [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (113, "113th")],
)
def test_attempts_are_numbered_as_people_say_it(number, words):
    assert ordinal(number) == words


def test_reasons_are_told_the_most_frequent_first_and_many_are_cut_short():
    assert reasons_words({"stale": 1, "too-large": 1200}) == "1,200 × too-large, 1 × stale"
    assert reasons_words({str(n): n for n in range(1, 9)}).endswith("5 × 5, 4 × 4, …")


def test_what_a_channel_heard_besides_is_only_what_there_is(make):
    summary = heard_run(make(), {"notices": notices(), "guests": guests()}).run.summary
    webhook = channel_counts(summary, "notices", "webhook")
    realtime = channel_counts(summary, "guests", "realtime")

    assert besides(webhook, None) == "6 duplicates, 12 rejected (9 × too-large, 3 × bad-signature)"
    assert (
        besides(realtime, None) == "3 out of order, 3 drops (3 × reset), 6 quota errors (6 × 429)"
    )
    failing = ear_of({**REPORTS["guests"], "join_failures": {"timeout": 1}})
    assert besides(realtime, failing).endswith(", 1 try to join failed (1 × timeout)")


def test_one_of_each_is_said_in_the_singular(make):
    more = {
        ("undecided", ""): 1, ("withdrawn", ""): 1, ("unexpected", ""): 1, ("duplicates", ""): 1,
        ("retries", ""): 1, ("out_of_order", ""): 1,
    }  # fmt: skip
    run = heard_run(make(), {"notices": notices(more=more)}, seconds=1).run

    assert besides(channel_counts(run.summary, "notices", "webhook"), None) == (
        "1 undecided when the run ended, 1 withdrawn, as nothing was to come, 1 unexpected, "
        "1 duplicate, 1 retry, 1 out of order"
    )


def test_retries_are_a_sentence_with_what_each_came_after():
    assert retry_words(ear_of(REPORTS["notices"])) == (
        "2nd attempt 500 ms (p50) after a 503, 3rd 2.10 s after a 503"
    )
    hung = {"attempt": 2, "after": "hang", "count": 1, "med_ms": 15_000.0}
    assert retry_words(ear_of({"kind": "webhook", "retries": [hung]})) == (
        "2nd attempt 15.0 s (p50) after no answer"
    )


def test_a_long_schedule_of_retries_is_cut_short():
    retries = [{"attempt": n, "after": 500, "count": 1, "med_ms": 1.0} for n in range(2, 30)]

    words = retry_words(WebhookEar(kind="webhook", retries=retries))

    assert words.endswith("7th 1.0 ms after a 500, …")


def test_without_retries_there_is_nothing_to_say():
    assert retry_words(None) == ""
    assert retry_words(ear_of({**REPORTS["notices"], "retries": []})) == ""
    assert retry_words(ear_of(REPORTS["guests"])) == ""
