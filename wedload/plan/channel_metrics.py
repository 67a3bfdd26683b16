"""Metrics of channels: what became of what was expected there, and what else they heard.

Those in `OF_STEPS` are recorded with the step that expected it, which has the channel's name too;
the others with the channel alone. Definitions are in docs/metrics.md.
"""

from __future__ import annotations

from typing import Final

from wedload.plan.metric import Metric

WEBHOOK: Final = (
    Metric(
        "webhook_expected", "counter",
        "deliveries expected whose deadline is over or met, by outcome: ok, missed",
        better="higher", by_second=True,
    ),
    Metric(
        "webhook_delivered", "rate", "deliveries accepted within their deadline / expected",
        better="higher", counted="webhook_expected", yes="ok", proven=True,
    ),
    Metric(
        "webhook_delivery_duration", "trend", "sending of the trigger until the first accepted",
        by_second=True,
    ),
    Metric("webhook_arrival_duration", "trend", "sending of the trigger until the first at all"),
    Metric("webhook_late", "counter", "missed deliveries that were accepted after their deadline"),
    Metric("webhook_undecided", "counter", "expected when the run ended, before their deadline"),
    Metric("webhook_attempts", "counter", "requests to the receiver, whatever came of them"),
    Metric("webhook_duplicates", "counter", "repeats of what had been answered with a 2xx"),
    Metric("webhook_retries", "counter", "repeats of what had been answered with an error"),
    Metric("webhook_out_of_order", "counter", "deliveries behind a later one of their entity"),
    Metric("webhook_invalid_signature", "counter", "requests not signed as they must be, by why"),
    Metric("webhook_rejected", "counter", "requests that are no deliveries, by why"),
    Metric("webhook_unexpected", "counter", "deliveries that nothing in the run has asked for"),
    Metric("webhook_withdrawn", "counter", "expectations that are none any more"),
)  # fmt: skip

REALTIME: Final = (
    Metric(
        "realtime_expected", "counter",
        "messages expected, times their subscribers, by outcome: ok, missed",
        better="higher", by_second=True,
    ),
    Metric(
        "realtime_delivered", "rate",
        "received within the deadline / expected, times the subscribers that had joined",
        better="higher", counted="realtime_expected", yes="ok", proven=True,
    ),
    Metric(
        "realtime_propagation", "trend", "sending of the trigger until a subscriber has it",
        by_second=True,
    ),
    Metric(
        "realtime_last_subscriber", "trend", "sending of the trigger until the last has it",
        by_second=True,
    ),
    Metric("realtime_unheard", "counter", "messages caused while no subscriber had joined"),
    Metric("realtime_late", "counter", "missed messages that came after their deadline"),
    Metric("realtime_undecided", "counter", "expected when the run ended, before their deadline"),
    Metric("realtime_duplicates", "counter", "messages that a subscriber had got before"),
    Metric("realtime_out_of_order", "counter", "messages behind a later one of their entity"),
    Metric("realtime_unexpected", "counter", "messages that nothing in the run has asked for"),
    Metric("realtime_withdrawn", "counter", "expectations that are none any more"),
    Metric("realtime_drops", "counter", "connections of subscribers lost, by why"),
    Metric("realtime_quota_errors", "counter", "refusals for a quota of the service, by which"),
    Metric("realtime_joining", "trend", "connecting until a subscriber has joined"),
)  # fmt: skip

#: those that steps have: how what they expected fared
OF_STEPS: Final = frozenset({
    "webhook_expected", "webhook_delivered", "webhook_late", "webhook_undecided",
    "webhook_withdrawn", "webhook_delivery_duration", "webhook_arrival_duration",
    "realtime_expected", "realtime_delivered", "realtime_late", "realtime_undecided",
    "realtime_withdrawn", "realtime_unheard", "realtime_propagation", "realtime_last_subscriber",
})  # fmt: skip

#: whose times the process that listens takes: messages are stamped as they are read there, and
#: awaits end by these stamps
HEARD: Final = frozenset({one.name for one in (*WEBHOOK, *REALTIME)} | {"await_duration"})
