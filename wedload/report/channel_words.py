"""Channels in words: what they heard besides, and how the sender of webhooks retried. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.results.channel_model import RealtimeEar, WebhookEar
from wedload.units import counted, format_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wedload.results.channel_model import Channel, RetryGaps
    from wedload.results.channels import ChannelCounts

    Ear = WebhookEar | RealtimeEar

_MOST_ATTEMPTS: Final = 6  # of a schedule of retries, in a sentence
_MOST_REASONS: Final = 5
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int) -> str:
    """`2nd`, `11th`, `23rd`."""
    ending = "th" if number % 100 in {11, 12, 13} else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"


def reasons_words(reasons: Mapping[str, int]) -> str:
    """`9 × too-large, 3 × bad-signature`; the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda one: -one[1])
    words = [f"{number:,} × {reason or 'no reason given'}" for reason, number in ordered]
    if len(words) > _MOST_REASONS:
        words = [*words[:_MOST_REASONS], "…"]
    return ", ".join(words)


def besides(found: ChannelCounts | Channel, ear: Ear | None) -> str:
    """What a channel heard that is not in its table, only what there is: `6 duplicates, …`."""
    return ", ".join(_besides(found, ear))


def _besides(found: ChannelCounts | Channel, ear: Ear | None) -> Iterator[str]:
    for number, words in (
        (found.undecided, "undecided when the run ended"),
        (found.withdrawn, "withdrawn, as nothing was to come"),
        (found.unexpected, "unexpected"),
    ):
        if number:
            yield f"{number:,} {words}"
    for number, noun in ((found.duplicates, "duplicate"), (found.retries, "retry")):
        if number:
            yield counted(number, noun).replace("retrys", "retries")
    if found.out_of_order:
        yield f"{found.out_of_order:,} out of order"
    for reasons, one, several in (
        (found.rejected, "rejected", "rejected"),
        (found.drops, "drop", "drops"),
        (found.quota_errors, "quota error", "quota errors"),
    ):
        if total := sum(reasons.values()):
            yield f"{total:,} {one if total == 1 else several} ({reasons_words(reasons)})"
    if isinstance(ear, RealtimeEar) and ear.join_failures:
        failed = sum(ear.join_failures.values())
        tries = "try to join failed" if failed == 1 else "tries to join failed"
        yield f"{failed:,} {tries} ({reasons_words(ear.join_failures)})"


def retry_words(ear: Ear | None) -> str:
    """The schedule of retries that was observed; empty: nothing was retried.

    `2nd attempt 500 ms (p50) after a 503, 3rd 2.10 s after a 503`.
    """
    if not isinstance(ear, WebhookEar) or not ear.retries:
        return ""
    words = [_gap(one, first=place == 0) for place, one in enumerate(_shown(ear.retries))]
    if len(ear.retries) > _MOST_ATTEMPTS or ear.retries_beyond:
        words.append("…")
    return ", ".join(words)


def _shown(retries: Sequence[RetryGaps]) -> Sequence[RetryGaps]:
    return retries[:_MOST_ATTEMPTS]


def _gap(one: RetryGaps, *, first: bool) -> str:
    what, which = (" attempt", " (p50)") if first else ("", "")
    return f"{ordinal(one.attempt)}{what} {format_ms(one.med_ms)}{which} after {answer_words(one)}"


def answer_words(one: RetryGaps) -> str:
    """What the attempt before was answered with: `a 503`, `no answer`."""
    if one.after is None:
        return "the one before"
    return "no answer" if one.after == "hang" else f"a {one.after}"
