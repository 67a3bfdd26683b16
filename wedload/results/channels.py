"""What became of what was expected of a channel, and what else it heard, as numbers. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import Summary, Where

#: kind -> the trend of how long a message took
DURATIONS: Final = {"webhook": "webhook_delivery_duration", "realtime": "realtime_propagation"}
#: how long a message took to the last of those that were to hear it
LAST: Final = "realtime_last_subscriber"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCounts:
    """The counts of one channel; see `wedload.results.channel_model.Channel`."""

    expected: int
    delivered: int
    missed: int
    late: int
    lost: int
    undecided: int
    withdrawn: int
    unexpected: int
    duplicates: int
    out_of_order: int
    attempts: int
    retries: int
    rejected: Mapping[str, int]  # reason -> how many
    drops: Mapping[str, int]
    quota_errors: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def channel_where(name: str) -> Where:
    """Selectors for one channel."""
    return (("channel", name),)


def channel_counts(summary: Summary, name: str, kind: str) -> ChannelCounts:
    """The counts of a channel, all steps together."""
    where = channel_where(name)

    def count(what: str) -> int:
        return summary.count(f"{kind}_{what}", where)

    def by_reason(what: str) -> dict[str, int]:
        return dict(summary.outcomes(f"{kind}_{what}", where).most_common())

    decided = summary.rate(f"{kind}_delivered", where)
    missed, late = decided.total - decided.yes, count("late")
    return ChannelCounts(
        expected=decided.total,
        delivered=decided.yes,
        missed=missed,
        late=late,
        lost=max(missed - late, 0),
        undecided=count("undecided"),
        withdrawn=count("withdrawn"),
        unexpected=count("unexpected"),
        duplicates=count("duplicates"),
        out_of_order=count("out_of_order"),
        attempts=count("attempts"),
        retries=count("retries"),
        rejected=by_reason("rejected"),
        drops=by_reason("drops"),
        quota_errors=by_reason("quota_errors"),
    )


def took(summary: Summary, name: str, kind: str) -> Histogram:
    """How long what was delivered took, late ones included."""
    return summary.trend(DURATIONS[kind], channel_where(name))


def took_to_last(summary: Summary, name: str) -> Histogram:
    """How long messages took until the last subscriber had them."""
    return summary.trend(LAST, channel_where(name))
