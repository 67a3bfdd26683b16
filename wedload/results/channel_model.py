"""The channels in a result file, as types: what was expected, and what the ears report.

What an ear says beside the metrics has a default everywhere: a report that says less is no reason
to lose a run. Durations are ms, as the names say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from wedload.results.figures_model import Metrics  # noqa: TC001 - pydantic looks it up
from wedload.results.part import Count, Part, Share

if TYPE_CHECKING:
    from collections.abc import Mapping

Reasons = dict[str, Count]


class RetryGaps(Part):
    """One line of the schedule of retries that was observed: how long an attempt came after."""

    attempt: Count = Field(description="2: the second one")
    after: int | str | None = Field(
        default=None, description="status that the one before was answered with; hang: with none"
    )
    count: Count
    min_ms: float | None = None
    med_ms: float | None = None
    max_ms: float | None = None


class _Heard(Part):
    """What both kinds of ears say."""

    forgotten_keys: Count = Field(default=0, description="more were there than `remember`")
    forgotten_entities: Count = Field(default=0, description="whose order is not known any more")
    overflowed: Count = Field(
        default=0, description="messages given up early, as too many were expected by nobody"
    )
    without_key: Count = Field(default=0, description="messages that nobody could expect")
    without_key_example: str | None = Field(default=None, description="the beginning of one")
    clock_bound_ms: float | None = Field(
        default=None, description="clocks of its process and of load processes differ by no more"
    )


class WebhookEar(_Heard):
    """What a receiver of webhooks says."""

    kind: Literal["webhook"]
    url: str | None = None
    attempts: Count = Field(default=0, description="requests to it, whatever came of them")
    rejections: Reasons = Field(default={}, description="reason -> how many were no deliveries")
    retries: list[RetryGaps] = Field(default=[], description="the sender's schedule, as observed")
    retries_beyond: Count = Field(default=0, description="after the last attempt in `retries`")
    forgotten: Count = Field(default=0, description="ids of messages, more than `remember`")


class RealtimeEar(_Heard):
    """What a population of subscribers says."""

    kind: Literal["realtime"]
    protocol: str | None = None
    topic: str | None = None
    subscribers: Count = 0
    joined_most: Count = Field(default=0, description="at the same time")
    joined_least: Count = Field(default=0, description="at the same time, under load")
    away_share: Share = Field(
        default=0, description="of the load, times the subscribers, in which one was away"
    )
    drops: Count = Field(default=0, description="connections lost")
    rejoins: Count = 0
    join_failures: Reasons = Field(default={}, description="tries to join, by why they failed")
    quota_errors: Reasons = Field(default={}, description="refusals for a quota, by its code")
    unreadable: Count = Field(default=0, description="messages that were not what they must be")


Ear = Annotated[WebhookEar | RealtimeEar, Field(discriminator="kind")]


class Channel(Part):
    """One channel: what was expected of it and came of that, and what else it heard.

    A realtime message counts once for each subscriber that had joined when it was caused.
    """

    name: str
    kind: Literal["webhook", "realtime"]
    expected: Count = Field(description="and decided: delivered + missed")
    delivered: Count = Field(description="within the deadline")
    missed: Count = Field(description="late + lost")
    late: Count = Field(description="after the deadline")
    lost: Count
    undecided: Count = Field(description="the run ended before their deadline")
    withdrawn: Count = Field(description="nothing was to come any more")
    unexpected: Count = Field(description="messages that nothing in the run has asked for")
    duplicates: Count
    out_of_order: Count
    attempts: Count = Field(default=0, description="of webhooks: requests to the receiver")
    retries: Count = Field(default=0, description="of webhooks: repeats after an error")
    rejected: Reasons = Field(default={}, description="of webhooks: what is no delivery, by why")
    drops: Reasons = Field(default={}, description="of realtime: connections lost, by why")
    quota_errors: Reasons = Field(default={}, description="of realtime: refusals, by code")
    metrics: Metrics
    ear: Ear | None = Field(description="what its ear reports; null: lost with its process")


def ear_of(report: Mapping[str, object] | None) -> WebhookEar | RealtimeEar | None:
    """An ear's report as a result has it; None: there is none.

    Raises:
        ValueError: it is no such report.
    """
    if report is None:
        return None
    kind: type[WebhookEar | RealtimeEar] = (
        WebhookEar if report.get("kind") == "webhook" else RealtimeEar
    )
    return kind.model_validate(dict(report))
