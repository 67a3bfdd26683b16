"""The dashboard of what a run listens to: webhooks, and subscribers of realtime services."""

from __future__ import annotations

from scripts.build.dashboards.choices import PLAN, RUN, TARGET, percentile, speed
from scripts.build.dashboards.panels import Dashboard, Panel, Query, Section
from scripts.build.dashboards.queries import heat, share, total

_BY, _NAME = "channel", "{{channel}}"


def webhooks_and_realtime() -> Dashboard:
    """How soon and how reliably what a run causes is heard of."""
    return Dashboard(
        "wedload-webhooks-and-realtime",
        "wedload: webhooks and realtime",
        "How soon and how reliably webhooks and realtime messages come.",
        (PLAN, TARGET, RUN),
        (
            Section("Webhooks", _webhooks()),
            Section("Realtime", _realtime()),
            Section("Steps that wait for messages, and that send them", _steps()),
        ),
    )


def _webhooks() -> tuple[Panel, ...]:
    return (
        percentile("Delivery", "webhook_delivery_duration", _BY, _NAME, 1),
        _delivered("webhook_expected"),
        Panel(
            "heatmap", "Deliveries by duration", "How many took how long.",
            (Query(heat("webhook_delivery_duration"), "{{le}}"),), "s",
        ),
        speed("Requests to the receivers", "webhook_attempts", _BY, _NAME),
        _counted(
            "Not as it should be",
            "webhook_late", "webhook_duplicates", "webhook_retries", "webhook_out_of_order",
            "webhook_invalid_signature", "webhook_rejected", "webhook_unexpected",
        ),
    )  # fmt: skip


def _realtime() -> tuple[Panel, ...]:
    return (
        percentile("Propagation to each subscriber", "realtime_propagation", _BY, _NAME, 1),
        percentile("Until the last subscriber has it", "realtime_last_subscriber", _BY, _NAME, 1),
        _delivered("realtime_expected"),
        percentile("Joining", "realtime_joining", _BY, _NAME),
        _counted(
            "Not as it should be",
            "realtime_late", "realtime_duplicates", "realtime_out_of_order", "realtime_unexpected",
            "realtime_unheard", "realtime_drops", "realtime_quota_errors",
        ),
    )  # fmt: skip


def _steps() -> tuple[Panel, ...]:
    return (
        percentile("Awaits", "await_duration", "step", "{{step}}"),
        percentile("Publishing", "publish_duration", "step", "{{step}}"),
        percentile("Conversations over WebSockets", "ws_duration", "step", "{{step}}"),
        speed("Messages that came over them", "ws_messages_received", "step", "{{step}}"),
    )


def _delivered(metric: str) -> Panel:
    return Panel(
        "timeseries", "Share that comes in time", "The benchmark table requires 99.9 %; it takes "
        "some thousand messages to tell.", (Query(share(metric, _BY, 'outcome="ok"'), _NAME),),
        "percentunit", bad_below=0.999,
    )  # fmt: skip


def _counted(title: str, *metrics: str) -> Panel:
    """Counters of what should not happen, so far, side by side."""
    queries = tuple(
        Query(total(one, _BY), f"{_NAME}: {one.split('_', 1)[1].replace('_', ' ')}")
        for one in metrics
    )
    return Panel("stat", title, "So far; what is not here has not happened.", queries, width=24)
