"""Rows of sides with five or more runs each, by the order of the runs' values. Pure.

What runs differ by themselves is in these values, and nothing has to be known of seconds. Only so
many rows are taken as Holm's correction lets be decided: the load as a whole, as failing fast makes
durations short, and the rows of the benchmark table, or, if there are none, p95 of the steps.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Final

from wedload.comparison.effects import change_of, interval_of, margin_as_effect, margin_of
from wedload.comparison.estimate import exact_ns, ratio_of_run
from wedload.comparison.rows import rows_of
from wedload.comparison.words import sentence
from wedload.plan.metric_table import METRICS, STEP_METRICS
from wedload.statistics.ranks import NEEDED_RUNS, decide_by_rank, rank_estimate
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.comparison.model import Row, Settings
    from wedload.comparison.row_spec import RowSpec
    from wedload.results.model import Result
    from wedload.statistics.model import Decision

FEWEST_RUNS: Final = NEEDED_RUNS
_ALPHA: Final = 0.05
_HALF: Final = 0.5  # of one: what stands for none in a run where a logarithm is taken

_Values = tuple[list[float], list[float]]  # of the base's runs and of the current ones


def ranked_rows(base: Sequence[Result], current: Sequence[Result], settings: Settings) -> list[Row]:
    """Decide the rows that can be."""
    every = rows_of(base, current)
    asked = [row for row in every if row.benchmark is not None and row.kind != "shown"]
    if not asked:
        steps = {one.duration for one in STEP_METRICS.values()}
        asked = [row for row in every if row.metric in steps and row.quantile == 0.95]
    whole = [row for row in every if row.benchmark is None and (not row.where or _promised(row))]
    most = int(_ALPHA * math.comb(len(base) + len(current), len(base)))
    valued = {
        id(row): values
        for row in (*asked, *whole)
        if (values := _values(row, base, current)) is not None
    }
    whole = [row for row in whole if id(row) in valued][:most]
    taken = [row for row in asked if id(row) in valued][: most - len(whole)] + whole
    margins = {id(row): _margin(row, valued[id(row)], settings) for row in taken}
    effects = [(*_effects(row, valued[id(row)]), margin_as_effect(row, margins[id(row)]))
               for row in taken]  # fmt: skip
    decisions = decide_by_rank(effects, _ALPHA)
    turned = [([-v for v in left], [-v for v in right], margin) for left, right, margin in effects]
    better = decide_by_rank(turned, _ALPHA)
    rows = [
        _decided(row, valued[id(row)], effect[:2], margins[id(row)], decision,
                 improved=improvement.outcome == "regression")
        for row, effect, decision, improvement in zip(
            taken, effects, decisions, better, strict=True
        )
    ]  # fmt: skip
    left_out = [row for row in asked if row not in taken]
    rows += [
        _left_out(row, most, nothing=_is_nothing(row), has_values=id(row) in valued)
        for row in left_out
    ]
    return [replace(row, sentence=sentence(row)) for row in rows]


def _promised(row: RowSpec) -> bool:
    """What a channel delivers: messages that are lost make nothing else slower."""
    return row.kind == "share" and METRICS[row.metric].proven


def _values(row: RowSpec, base: Sequence[Result], current: Sequence[Result]) -> _Values | None:
    """The value of each run in the unit that is shown; None if a run has none."""
    sides = tuple(_of_runs(row, number, runs) for number, runs in enumerate((base, current)))
    known = [[value for value in side if value is not None] for side in sides]
    if len(known[0]) < len(base) or len(known[1]) < len(current):
        return None
    if row.kind == "throughput":
        if not any(known[0] + known[1]):
            return None
        least = [_HALF / max(run.run.duration_s, 1) for run in (*base, *current)]
        known = [[max(value, min(least)) for value in side] for side in known]
    if row.unit != "ratio" and min(known[0] + known[1]) <= 0:
        return None
    return known[0], known[1]


def _of_runs(row: RowSpec, number: int, runs: Sequence[Result]) -> list[float | None]:
    if row.observed is not None:
        return list(row.observed[number])
    if row.kind == "trend":
        exact = [exact_ns(row, [run]) for run in runs]
        return [None if value is None else value / NS_PER_MS for value in exact]
    places = (row.base, row.current)[number]
    return [ratio_of_run(row, place, run) for place, run in zip(places, runs, strict=True)]


def _margin(row: RowSpec, values: _Values, settings: Settings) -> float:
    scale = NS_PER_MS if row.unit == "ms" else 1
    return margin_of(row, median(values[0]) * scale, settings)


def _effects(row: RowSpec, values: _Values) -> _Values:
    """On an additive scale on which more is worse."""
    sign = 1 if row.worse == "higher" else -1

    def effect(value: float) -> float:
        return sign * (value if row.unit == "ratio" else math.log(value))

    return [effect(one) for one in values[0]], [effect(one) for one in values[1]]


def _decided(
    row: RowSpec,
    values: _Values,
    effects: _Values,
    margin: float,
    decision: Decision,
    *,
    improved: bool,
) -> Row:
    found = rank_estimate(*effects)
    bounded = math.isfinite(found.low) and math.isfinite(found.high)
    return replace(
        row.blank(), outcome=decision.outcome, improved=improved, margin=margin, p=decision.p,
        base=median(values[0]), current=median(values[1]), change=change_of(row, found.effect),
        interval=interval_of(row, found.low, found.high) if bounded else None,
        level=found.level,
        reason="the interval holds the margin" if decision.outcome == "inconclusive" else None,
    )  # fmt: skip


def _is_nothing(row: RowSpec) -> bool:
    """Whether a counter never counted: retries, say, of which there should be none."""
    return row.kind == "throughput" and row.observed is not None and not any(
        value for side in row.observed for value in side
    )  # fmt: skip


def _left_out(row: RowSpec, most: int, *, nothing: bool, has_values: bool) -> Row:
    if nothing:
        return replace(row.blank(), reason="nothing of it in any run")
    if not has_values:
        return replace(row.blank(), outcome="inconclusive", reason="a run has no value of it")
    return replace(
        row.blank(), reason=f"so many runs can decide {most} rows; more runs a side decide more"
    )
