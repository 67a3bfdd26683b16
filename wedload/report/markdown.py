"""A result as Markdown, for the comment on a pull request or the summary of a CI job.

Knows the result and nothing of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.accepted_words import accepted_words
from wedload.report.capacity_words import HEAD, capacity_sentences, probe_cells, rows_of
from wedload.report.channel_words import besides, retry_words
from wedload.report.counts import short_count
from wedload.report.explained_words import explained_head, explained_words
from wedload.report.fallback_words import fallbacks_of_steps
from wedload.report.figures import figure_words
from wedload.report.limit_words import limit_words
from wedload.report.markdown_analysis import analysis_part
from wedload.report.markdown_faults import faults, third_parties
from wedload.report.markdown_resources import resources
from wedload.report.markdown_routes import routes
from wedload.report.markdown_text import bullets, escaped, table
from wedload.report.monitoring_words import monitoring_words
from wedload.results.channels import DURATIONS
from wedload.results.figures_model import RateFigures, TrendFigures
from wedload.results.nouns import column_of, noun
from wedload.results.steps import step_labels, step_metrics
from wedload.units import format_clock, format_ms, format_ratio
from wedload.verdict.wording import met_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.channel_model import Channel
    from wedload.results.databases_model import Explained
    from wedload.results.model import Benchmark, Result, Step

_MARKS: Final = {"pass": "✅ PASS", "fail": "❌ FAIL", "invalid": "⚠️ INVALID"}
_STATUS: Final = {"met": "✅ met", "missed": "❌ missed"}
_MOST_FAILURES: Final = 10
_TREND: Final = ("med", "p95", "p99", "max")


def markdown(result: Result) -> str:
    """The summary: verdict, benchmark table, steps, and what there is to know besides."""
    return "\n\n".join(
        part
        for part in (
            _head(result),
            bullets(result.reasons),
            analysis_part(result.analysis),
            _benchmarks(result.benchmarks),
            _capacity(result),
            _steps(result.steps),
            bullets(list(limit_words(result.rate_limits))),
            _channels(result.channels),
            routes(result.routes),
            third_parties(result),
            faults(result.faults),
            _explained(result.explained),
            resources(result.resources),
            bullets(list(monitoring_words(result.monitoring))),
            _failures(result),
            _findings(result),
            _accepted(result),
            _footer(result),
        )
        if part
    ).rstrip() + "\n"  # fmt: skip


def _head(result: Result) -> str:
    run = result.run
    rows = met_of(row.status for row in result.benchmarks)
    line = f"## {_MARKS[result.verdict]}: {escaped(run.plan)} on {escaped(run.target)}\n\n{rows}"
    if not run.complete:
        line += ". **The run did not come to its end:** this is what was recorded until then."
    elif run.interrupted:
        line += ". **The run was interrupted.**"
    return line


def _benchmarks(rows: Sequence[Benchmark]) -> str:
    if not rows:
        return ""
    return table(
        ("Benchmark", "Requirement", ">Observed", ">Samples", "Status"),
        (
            (
                row.name, row.require,
                figure_words(row.metric, row.observed, row.unit),
                f"{row.samples:,}", _STATUS.get(row.status, f"⚠️ {row.status}"),
            )
            for row in rows
        ),
    )  # fmt: skip


def _capacity(result: Result) -> str:
    found = result.capacity
    if found is None:
        return ""
    said = bullets(capacity_sentences(found))
    if not found.probes:
        return said
    head = [title if title.startswith(">") else title.capitalize() for title in HEAD]
    return f"{said}\n\n{table(head, probe_cells(found, rows_of(result.benchmarks)))}"


def _steps(steps: Sequence[Step]) -> str:
    if not steps:
        return ""
    labels = step_labels([(one.scenario, one.workflow, one.step) for one in steps])
    counted = column_of(noun(step_metrics(one.metrics).count) for one in steps)
    head = (
        "Step",
        f">{counted.capitalize()}",
        ">Failed",
        *(f">{name}" for name in ("p50", *_TREND[1:])),
    )
    rows = table(head, (_step(label, step) for label, step in zip(labels, steps, strict=True)))
    said = list(fallbacks_of_steps(steps))
    return f"{rows}\n\n{bullets(said)}" if said else rows


def _step(label: str, step: Step) -> tuple[str, ...]:
    measured = step_metrics(step.metrics)
    failed, trend = step.metrics.get(measured.failed), step.metrics.get(measured.duration)
    share = format_ratio(failed.rate if isinstance(failed, RateFigures) else None)
    figures = [getattr(trend, name) if isinstance(trend, TrendFigures) else None for name in _TREND]
    return (
        label,
        short_count(sum(step.outcomes.values())),
        share,
        *map(format_ms, figures),
    )


def _channels(channels: Sequence[Channel]) -> str:
    if not channels:
        return ""
    head = (
        "Channel",
        ">Expected",
        ">Delivered",
        ">Missed",
        ">Late",
        ">Lost",
        *(f">{one}" for one in ("p50", *_TREND[1:])),
    )
    rows = table(head, map(_channel, channels))
    heard = [
        f"{one.name}: {words}"
        for one in channels
        for words in (besides(one, one.ear), retry_words(one.ear))
        if words
    ]
    return f"{rows}\n\n{bullets(heard)}" if heard else rows


def _channel(channel: Channel) -> tuple[str, ...]:
    delivered = channel.metrics.get(f"{channel.kind}_delivered")
    trend = channel.metrics.get(DURATIONS[channel.kind])
    figures = [getattr(trend, name) if isinstance(trend, TrendFigures) else None for name in _TREND]
    return (
        channel.name,
        short_count(channel.expected),
        format_ratio(delivered.rate if isinstance(delivered, RateFigures) else None),
        *map(short_count, (channel.missed, channel.late, channel.lost)),
        *map(format_ms, figures),
    )


def _explained(found: Sequence[Explained]) -> str:
    lines = [f"{explained_head(one)}. {explained_words(one)}" for one in found]
    return f"**Slowest queries**\n\n{bullets(lines)}" if lines else ""


def _failures(result: Result) -> str:
    if not result.failures:
        return ""
    lines = [f"{one.count:,} × {one.message}" for one in result.failures[:_MOST_FAILURES]]
    if (more := len(result.failures) - _MOST_FAILURES) > 0:
        lines.append(f"… and {more} more kinds")
    return f"**Failures**\n\n{bullets(lines)}"


def _findings(result: Result) -> str:
    notes = [f.message for f in result.validity.findings if f.message not in result.reasons]
    return f"**Worth knowing**\n\n{bullets(notes)}" if notes else ""


def _accepted(result: Result) -> str:
    lines = [accepted_words(one) for one in result.run.accepted_data]
    return f"**Data that may be somebody's**\n\n{bullets(lines)}" if lines else ""


def _footer(result: Result) -> str:
    run = result.run
    facts = [
        f"run {run.id}", f"{format_clock(run.duration_s)} of load",
        f"started {run.started_at.isoformat(timespec='seconds')}", f"seed {run.seed}",
        f"wedload {run.version}", *(f"{key}={value}" for key, value in run.tags.items()),
    ]  # fmt: skip
    return f"<sub>{escaped(' · '.join(facts))}</sub>"
