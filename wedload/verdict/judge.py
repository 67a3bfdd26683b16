"""Judging: what was seen against what was demanded. Pure.

A row without data, or with too few samples for its percentile, is never met. A run in which every
request failed is a fail: its rates and counts have data. So is one that a row has aborted, and what
its load did not come to is not held against it; and one that has left something behind.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.metrics.all_steps import all_outcomes
from wedload.plan.metric_table import METRICS
from wedload.units import format_clock
from wedload.verdict.model import Verdict
from wedload.verdict.row import row_of, samples_of
from wedload.verdict.wording import missed, with_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import Abort, Finding, Outcome, Row


def judge(
    summary: Summary,
    benchmarks: Mapping[str, Requirement],
    findings: Sequence[Finding] = (),
    *,
    load_s: float,
    timed: Mapping[str, Row] | None = None,
    abort: Abort | None = None,
) -> Verdict:
    """Judge a run; `load_s` is how long the load lasted, for rates per second.

    `timed` has the rows that are not about the whole run (see wedload.verdict.timed_rows);
    `abort` is what ended it, if a row did.
    """
    rows = tuple(
        with_reason(row, summary, load_s=load_s, aborted=abort is not None)
        for row in table(summary, benchmarks, timed or {}, load_s=load_s)
    )
    invalid = [finding.message for finding in findings if finding.invalidates]
    unfounded = [
        row.reason for row in rows if row.status in {"no-data", "insufficient"} and abort is None
    ]
    first = None if abort is None else abort.row.name
    misses = [row.reason for row in rows if row.status == "missed" and row.name != first]
    failing = [finding.message for finding in findings if finding.fails]
    requests = all_outcomes(summary)
    nothing_worked = requests.total() > 0 and not requests["ok"]
    outcome: Outcome = "pass"
    if nothing_worked and not invalid:
        outcome = "fail"
    elif invalid or unfounded:
        outcome = "invalid"
    elif misses or failing or abort is not None:
        outcome = "fail"
    reasons = [*invalid, *unfounded, *misses, *failing]
    if nothing_worked:
        reasons.insert(0, "Every request failed; see the failures for why.")
    if abort is not None:
        reasons.insert(0, f"Aborted at {format_clock(abort.after_s)}. {missed(abort.row)}")
    return Verdict(outcome, rows, tuple(findings), tuple(filter(None, reasons)))


def table(
    summary: Summary,
    benchmarks: Mapping[str, Requirement],
    timed: Mapping[str, Row],
    *,
    load_s: float,
    bounded: bool = True,
) -> list[Row]:
    """The rows as they stand, without reasons; `bounded` as for `row_of`."""
    return [
        timed[name]
        if name in timed
        else _whole_run(summary, name, requirement, load_s, bounded=bounded)
        for name, requirement in benchmarks.items()
    ]


def _whole_run(
    summary: Summary, name: str, requirement: Requirement, load_s: float, *, bounded: bool
) -> Row:
    if requirement.timed:
        raise ValueError(
            f"{name} is about a part of the load: wedload.verdict.timed_rows judges it"
        )
    span_s = summary.seconds(requirement.where, load_s)
    seen = samples_of(summary, requirement)
    row = row_of(name, requirement, seen, span_s=span_s, bounded=bounded)
    among = METRICS[requirement.metric].among
    if not among:
        return row
    samples = summary.count(among, requirement.where)
    if not samples:
        return replace(row, status="no-data", observed=None, margin=None, samples=0)
    return replace(row, samples=samples)
