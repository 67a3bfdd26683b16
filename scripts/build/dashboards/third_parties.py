"""The dashboard of the third parties that wedload plays, and of how they are coped with."""

from __future__ import annotations

from scripts.build.dashboards.choices import PLAN, RUN, TARGET, percentile, speed
from scripts.build.dashboards.panels import Dashboard, Panel, Query, Section
from scripts.build.dashboards.queries import level, mean, per_second, share, total

_BY, _NAME = "dependency", "{{dependency}}"
_OUTCOMES = "dependency, outcome", "{{dependency}}, {{outcome}}"


def third_parties() -> Dashboard:
    """What came to third parties, how retries behave, and what fallbacks take."""
    return Dashboard(
        "wedload-third-parties",
        "wedload: third parties",
        "Third parties that wedload plays: what comes to them, and how the platform copes when "
        "they are slow, throttled or down.",
        (PLAN, TARGET, RUN),
        (
            Section("Faults and fallbacks", _fallbacks()),
            Section("What comes to them", _requests()),
            Section("Retries", _retries()),
        ),
    )


def _fallbacks() -> tuple[Panel, ...]:
    used = Query(share("fallbacks", "step", 'outcome="used"'), "{{step}}")
    return (
        Panel(
            "state-timeline", "Faults", "Those in force.",
            (Query(level("fault_active", "fault"), "{{fault}}"),), height=6, width=24,
            states={"1": ("in force", "red"), "0": ("not", "transparent")},
        ),
        percentile("Time until the fallback answers", "fallback_duration", "step", "{{step}}", 0.5),
        Panel(
            "timeseries", "Share of answers that are a fallback", "Of those that could be one.",
            (used,), "percentunit",
        ),
    )  # fmt: skip


def _requests() -> tuple[Panel, ...]:
    accepted = Query(per_second("dependency_requests", _BY, 'outcome="ok"'), _NAME)
    failed = Query(share("dependency_requests", _BY, 'outcome!="ok"'), _NAME)
    return (
        speed("Attempts", "dependency_requests", *_OUTCOMES),
        Panel("timeseries", "Accepted per second", "Their throughput.", (accepted,), "cps"),
        percentile("Time that they take", "dependency_duration", _BY, _NAME),
        Panel("timeseries", "Attempts that fail", "Share of them.", (failed,), "percentunit"),
        Panel(
            "stat", "Refused as over a quota", "So far. The plan says the quotas.",
            (Query(total("quota_breaches", _BY), _NAME),), "short", 12, 4, bad_above=1,
        ),
        Panel(
            "stat", "Done twice", "Operations carried out more than once, so far.",
            (Query(total("dependency_duplicates", _BY), _NAME),), "short", 12, 4, bad_above=1,
        ),
    )  # fmt: skip


def _retries() -> tuple[Panel, ...]:
    kept = Query(share("retry_policies", _BY, 'outcome="ok"'), _NAME)
    after = Query(share("retry_afters", _BY, 'outcome="ok"'), _NAME)
    return (
        Panel(
            "timeseries", "Retry amplification", "Attempts of an operation, on average: 1 where "
            "nothing is asked twice. The shipped plans allow 1.5 while one is down.",
            (Query(mean("operation_attempts", _BY), _NAME),), bad_above=1.5,
        ),
        percentile("Operations, retries included", "operation_duration", _BY, _NAME),
        percentile("Gaps between attempts", "retry_gap", _BY, _NAME),
        speed("Operations", "dependency_operations", *_OUTCOMES),
        Panel(
            "timeseries", "Retried as the policy says", "Share of operations.",
            (kept,), "percentunit", bad_below=0.95,
        ),
        Panel(
            "timeseries", "Retry-After obeyed", "Share of attempts that were told to come later.",
            (after,), "percentunit", bad_below=0.99,
        ),
    )  # fmt: skip
