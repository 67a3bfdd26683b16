"""The tables of a report. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.report.fallback_words import fallbacks_of_steps
from wedload.report.figures import figure_words
from wedload.report.html import wording
from wedload.report.html.by_verb import by_verb
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.limit_words import limit_words
from wedload.results.nouns import REQUESTS, column_of
from wedload.results.steps import step_labels
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import (
    WITHHELD,
    format_clock,
    format_count,
    format_ms,
    format_per_s,
    format_ratio,
    format_value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.report.html.by_verb import VerbFigures
    from wedload.results.model import Benchmark, Result

#: status of a benchmark row -> its sign, its class, and the words for it
STATUS: Final = {
    "met": ("✓", "good", "met"),
    "missed": ("✗", "bad", "missed"),
    "no-data": ("○", "unsure", "no data"),
    "insufficient": ("○", "unsure", "too few samples"),
}
_FIGURES: Final = ("rate", "failed", "min", "p50", "p95", "p99", "max")
_MOST_FAILURES: Final = 50


def benchmarks(result: Result) -> Html:
    """What was required, what was observed, and how sure that is."""
    if not result.benchmarks:
        return element("p", "The plan has no benchmarks.", class_="none")
    columns = [
        Column("benchmark", "name"), Column("required", "short"), Column("observed", "number"),
        Column("95 % interval", "number"), Column("samples", "number"),
        Column("margin", "number"), Column("status"),
    ]  # fmt: skip
    return table(
        "Intervals are from a block bootstrap over the seconds of the run; for shares without one, "
        "the one-sided Clopper–Pearson bound.",
        columns,
        [_benchmark(row, result.reasons) for row in result.benchmarks],
    )


def _benchmark(row: Benchmark, reasons: Sequence[str]) -> list[str | Html]:
    sign, class_, words = STATUS[row.status]
    where = ", ".join(f"{key} = {name}" for key, name in row.where.items())
    about = [f"{row.metric} of {where}" if where else row.metric, *_conditions(row)]
    name = [
        element("span", sign, class_=f"mark sign {class_}", aria_hidden="true"),  # for phones
        element("span", row.name),
        element("small", " · ".join(about)),
    ]
    if row.reason is not None and row.reason not in reasons:
        name.append(element("small", row.reason))
    samples = format_count(row.samples)
    if row.status == "insufficient":
        samples += f" of {format_count(row.needed)}"
    return [
        join(name), row.require, figure_words(row.metric, row.observed, row.unit), _interval(row),
        samples,
        WITHHELD if row.margin is None else f"{row.margin * 100:+.1f} %".replace("-", "−"),
        mark(sign, words, class_),
    ]  # fmt: skip


def _conditions(row: Benchmark) -> list[str]:
    found = []
    if row.after_s is not None:
        found.append(f"from {format_clock(row.after_s)} on")
    if row.window_s is not None:
        words = f"worst {wording.lasting(row.window_s)}"
        found.append(words if row.at_s is None else f"{words}, ended at {format_clock(row.at_s)}")
    if row.abort:
        found.append("a miss ends the run")
    return found


def _interval(row: Benchmark) -> str:
    if row.interval_95 is not None:
        low, high = row.interval_95
        return f"{format_value(low, row.unit)} – {format_value(high, row.unit)}"
    if row.bound_95 is not None and row.observed is not None:
        side = "≤" if row.bound_95 >= row.observed else "≥"
        return f"{side} {format_value(row.bound_95, row.unit)}"
    return WITHHELD


def mark(sign: str, words: str, class_: str) -> Html:
    """A status: a sign, a word, and a colour that only repeats them."""
    return element(
        "span", element("span", sign, class_="sign", aria_hidden="true"), " ", words,
        class_=f"mark {class_}",
    )  # fmt: skip


def steps(result: Result) -> Html:
    """Each step's figures; those of set-up and clean-up last."""
    rows = sorted(result.steps, key=lambda one: one.scenario in OUTSIDE_LOAD)
    if not rows:
        return element("p", "No step was run.", class_="none")
    labels = step_labels([(one.scenario, one.workflow, one.step) for one in rows])
    verbs = [by_verb(one.metrics)[0] for one in rows]
    shown = [
        [_step_name(label, one.scenario), *_figures(verb)]
        for label, one, verb in zip(labels, rows, verbs, strict=True)
    ]
    said = [*fallbacks_of_steps(rows), *limit_words(result.rate_limits)]
    return table(
        _durations_of({one.noun for one in verbs}),
        [Column("step", "name"), *_columns(verbs)],
        shown,
        note=" ".join([f"{one}." for one in said] + [_withheld(shown)]).strip(),
    )


def _durations_of(nouns: set[str]) -> str:
    about = "Durations are from the first byte sent to the last byte received, without connecting."
    if nouns <= {REQUESTS}:
        return about
    return (
        f"{about.replace('are', 'of requests are', 1)} Other steps are timed as their metrics say."
    )


def _columns(verbs: Sequence[VerbFigures]) -> list[Column]:
    """What is counted, and its figures."""
    heads = (column_of(one.noun for one in verbs), *_FIGURES)
    return [Column(name, "number") for name in heads]


def _step_name(label: str, scenario: str) -> str:
    if scenario not in OUTSIDE_LOAD or label.startswith(f"{scenario}: "):
        return label
    return f"{scenario}: {label}"


def _figures(one: VerbFigures) -> list[str | Html]:
    """How many, rate, failed, and the durations' min, p50, p95, p99 and max."""
    failed, took = one.failed, one.duration
    share = format_ratio(None if failed is None else failed.rate)
    return [
        format_count(one.count),
        format_per_s(one.rate),
        mark("✗", share, "bad") if failed is not None and failed.yes else share,
        *map(format_ms, (took.min, took.med, took.p95, took.p99, took.max)),
    ]


def _withheld(rows: Sequence[Sequence[str | Html]]) -> str:
    if not any(WITHHELD in row for row in rows):
        return ""
    return (
        f"{WITHHELD} is a figure withheld for want of samples: p50 needs "
        f"{samples_for_quantile(0.5)}, p95 {samples_for_quantile(0.95)}, "
        f"p99 {samples_for_quantile(0.99)}."
    )


def stages(result: Result) -> Html:
    """The schedule, and what was measured in each part of it."""
    if not result.stages:
        return element("p", "The schedule has no stages.", class_="none")
    several = len({one.scenario for one in result.stages}) > 1
    rows: list[list[str | Html]] = []
    all_verbs: list[VerbFigures] = []
    for one in result.stages:
        name = one.stage or "whole scenario"
        target = (
            f"{format_count(one.target_vus)} VUs" if one.target_vus is not None
            else format_per_s(one.target_rate) if one.target_rate is not None
            else WITHHELD
        )  # fmt: skip
        name = f"{one.scenario}: {name}" if several else name
        time = f"{format_clock(one.begin_s)} – {format_clock(one.end_s)}"
        verbs = by_verb(one.metrics)
        all_verbs += verbs
        rows += [
            [f"{name}, {verb.noun}" if len(verbs) > 1 else name, time, target, *_figures(verb)]
            for verb in verbs
        ]
    columns = [Column("stage", "name"), Column("time", "number"), Column("to", "number")]
    return table(
        "A request belongs to the stage in force when it was sent, any other step as its verb says."
        if {one.noun for one in all_verbs} - {REQUESTS}
        else "A request belongs to the stage in force when it was sent.",
        [*columns, *_columns(all_verbs)],
        rows,
        note=_withheld(rows),
    )


def checks(result: Result) -> Html:
    """Each check, the failed ones marked."""
    rows = [one for one in result.checks if one.passed + one.failed]
    if not rows:
        return element("p", "No check was evaluated.", class_="none")
    labels = step_labels([(one.scenario, one.workflow, one.step) for one in rows])
    return table(
        "A failed check is no failed request.",
        [
            Column("check", "name"), Column("step"), Column("passed", "number"),
            Column("failed", "number"), Column("share passed", "number"), Column("status"),
        ],
        [
            [
                one.check, label, format_count(one.passed), format_count(one.failed),
                format_ratio(one.passed / (one.passed + one.failed)),
                mark("✗", "failed", "bad") if one.failed else mark("✓", "passed", "good"),
            ]
            for one, label in zip(rows, labels, strict=True)
        ],
    )  # fmt: skip


def failures(result: Result) -> Html:
    """Texts that explain failures, the most frequent first."""
    if not result.failures:
        return element("p", "Nothing failed.", class_="none")
    rows = sorted(result.failures, key=lambda one: -one.count)
    note = f"… and {len(rows) - _MOST_FAILURES} more kinds." if len(rows) > _MOST_FAILURES else ""
    return table(
        "How often each kind was seen.",
        [Column("what happened", "name"), Column("times", "number")],
        [[one.message, format_count(one.count)] for one in rows[:_MOST_FAILURES]],
        note=note,
    )


def cleanup(result: Result) -> Html:
    """What the run created, and whether it was deleted again."""
    one = result.cleanup
    if one.created is None:
        words = "Nobody knows what was created: the list was lost with the load processes."
        return element("p", mark("!", words, "unsure"))
    if not (one.created or one.swept):
        return element("p", "Nothing was created that had to be deleted.", class_="none")
    counted = f"{format_count(one.deleted)} of {format_count(one.created)} deleted"
    if one.swept:
        counted += f", {format_count(one.swept)} more swept away"
    if not one.leaked:
        return element("p", mark("✓", counted, "good"))
    reasons = "; ".join(f"{format_count(n)} × {text}" for text, n in one.reasons.items())
    left = f"{counted}, {format_count(one.leaked)} left behind"
    return element("p", mark("✗", left, "bad"), f": {reasons}" if reasons else "")
