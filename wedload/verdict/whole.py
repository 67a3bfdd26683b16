"""Judging a run as a whole: its rows, its generator, and what else makes it untrustworthy. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.verdict import findings as finding
from wedload.verdict.exhaustion import exhaustion_findings
from wedload.verdict.judge import judge
from wedload.verdict.validity import dropped_findings, generator_findings, generator_health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.metrics.health_log import HealthLog
    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import Abort, Finding, Row, Verdict
    from wedload.verdict.validity import GeneratorHealth


def judge_run(
    summary: Summary,
    log: HealthLog,
    benchmarks: Mapping[str, Requirement],
    findings: Sequence[Finding],
    *,
    load_s: float,
    timed: Mapping[str, Row] | None = None,
    abort: Abort | None = None,
) -> tuple[GeneratorHealth, Verdict]:
    """How the generator fared, and what the run decides; `findings` are those of its course.

    `timed` and `abort`: see `judge`.
    """
    health = generator_health(log, benchmarks)
    every = [
        *findings, *dropped_findings(summary), *generator_findings(health),
        *exhaustion_findings(summary.notes),
    ]  # fmt: skip
    if not summary.count("http_reqs"):
        every.append(finding.nothing_sent())
    return health, judge(summary, benchmarks, every, load_s=load_s, timed=timed, abort=abort)
