"""The channels of a report: what was expected and came of it, and what the ears say. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.channel_words import answer_words, ordinal, reasons_words
from wedload.report.html.facts import definitions
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.tables import mark
from wedload.results.channel_model import RealtimeEar, WebhookEar
from wedload.results.channels import DURATIONS, LAST
from wedload.results.figures_model import RateFigures, TrendFigures
from wedload.units import WITHHELD, format_count, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.channel_model import Channel, RetryGaps
    from wedload.results.model import Result

_COUNTS: Final = ("expected", "delivered", "missed", "late", "lost", "p50", "p95", "p99", "max")


def channels(result: Result) -> Html:
    """A table of all, then what there is to say of each."""
    found = result.channels
    if not found:
        return element("p", "The plan has no channels.", class_="none")
    has_last = any(LAST in one.metrics for one in found)
    columns = [*_COUNTS, *(["last p95"] if has_last else [])]
    whole = table(
        "Durations are from the sending of the trigger until the message was there. A realtime "
        "message counts once for each subscriber that had joined when it was caused.",
        [Column("channel", "name"), *(Column(name, "number") for name in columns)],
        [_row(one, has_last=has_last) for one in found],
        note="Delivered is the share that came in time; missed are those late or lost."
        + _last_note(has_last),
    )
    return join([whole, *(_details(one) for one in found)])


def _last_note(has_last: bool) -> str:
    if not has_last:
        return ""
    return " “last p95” is until the last subscriber had a message, for 95 % of them."


def _row(channel: Channel, *, has_last: bool) -> list[str | Html]:
    took = _trend(channel, DURATIONS[channel.kind])
    share = channel.metrics.get(f"{channel.kind}_delivered")
    missed = format_count(channel.missed)
    row: list[str | Html] = [
        channel.name,
        format_count(channel.expected),
        format_ratio(share.rate if isinstance(share, RateFigures) else None),
        mark("✗", missed, "bad") if channel.missed else missed,
        format_count(channel.late),
        format_count(channel.lost),
        *(format_ms(one) for one in (took.med, took.p95, took.p99, took.max)),
    ]
    return [*row, format_ms(_trend(channel, LAST).p95)] if has_last else row


def _trend(channel: Channel, metric: str) -> TrendFigures:
    found = channel.metrics.get(metric)
    return found if isinstance(found, TrendFigures) else TrendFigures(unit="ms", count=0)


def _details(channel: Channel) -> Html:
    ear = channel.ear
    parts = [
        element("h3", f"{channel.name}: what else it heard"),
        definitions(_facts(channel)),
        _retries(channel.name, ear) if isinstance(ear, WebhookEar) else None,
    ]
    if ear is None:
        lost = "What its ear reports was lost with its process; the figures are what was recorded."
        parts.append(element("p", mark("!", lost, "unsure")))
    return join(parts)


def _facts(channel: Channel) -> Iterator[tuple[str, str | Html]]:
    ear = channel.ear
    if isinstance(ear, WebhookEar):
        yield "receiver", element("code", ear.url or WITHHELD)
    if isinstance(ear, RealtimeEar):
        yield "protocol", ear.protocol or WITHHELD
        if ear.topic is not None:
            yield "topic", element("code", ear.topic)
        yield "subscribers", _subscribers(ear)
    if channel.kind == "webhook":
        yield "attempts", format_count(channel.attempts)
        yield "retries", format_count(channel.retries)
        yield "rejected", _with_reasons(channel.rejected)
    else:
        yield "drops", _with_reasons(channel.drops)
        yield "quota errors", _with_reasons(channel.quota_errors)
    for name, number in (
        ("duplicates", channel.duplicates),
        ("out of order", channel.out_of_order),
        ("unexpected", channel.unexpected),
        ("withdrawn, as nothing was to come", channel.withdrawn),
        ("undecided when the run ended", channel.undecided),
    ):
        yield name, format_count(number)
    if ear is not None and ear.clock_bound_ms is not None:
        yield "clocks differ by at most", format_ms(ear.clock_bound_ms)


def _subscribers(ear: RealtimeEar) -> str:
    least, most = format_count(ear.joined_least), format_count(ear.joined_most)
    if ear.joined_least == ear.joined_most == ear.subscribers:
        parts = [f"{format_count(ear.subscribers)}, all of them joined throughout the load"]
    else:
        had = most if least == most else f"{least} to {most}"
        parts = [f"{format_count(ear.subscribers)}; {had} had joined under load"]
    if ear.rejoins:
        parts.append(f"{format_count(ear.rejoins)} rejoined")
    if ear.join_failures:
        parts.append(f"tries to join that failed: {reasons_words(ear.join_failures)}")
    return "; ".join(parts)


def _with_reasons(reasons: dict[str, int]) -> str:
    total = format_count(sum(reasons.values()))
    return f"{total} ({reasons_words(reasons)})" if reasons else total


def _retries(name: str, ear: WebhookEar) -> Html | None:
    if not ear.retries:
        return None
    beyond = ""
    if ear.retries_beyond:
        beyond = f"{format_count(ear.retries_beyond)} more attempts came after the last of these."
    return table(
        f"The schedule of retries to {name}, as it was observed: from attempt to attempt.",
        [
            Column("attempt", "name"), Column("after"), Column("times", "number"),
            *(Column(one, "number") for one in ("shortest", "p50", "longest")),
        ],
        _gaps(ear.retries),
        note=beyond,
    )  # fmt: skip


def _gaps(retries: Sequence[RetryGaps]) -> list[list[str | Html]]:
    return [
        [
            ordinal(one.attempt), answer_words(one), format_count(one.count),
            *(format_ms(ms) for ms in (one.min_ms, one.med_ms, one.max_ms)),
        ]
        for one in retries
    ]  # fmt: skip
