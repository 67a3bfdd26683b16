"""Rows of one to four runs a side, decided by blocks of their seconds. Pure.

Source: docs/comparing-statistics.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wedload.comparison.effects import (
    change_of,
    interval_of,
    margin_as_effect,
    margin_of,
    values_of,
)
from wedload.comparison.estimate import RowEstimate, SideSeconds, estimate_row
from wedload.comparison.rows import details_of, rows_of
from wedload.comparison.words import sentence
from wedload.statistics.blocks import NEEDED_BLOCKS
from wedload.statistics.bounds import proves_above
from wedload.statistics.decide import believed, decide
from wedload.statistics.model import Estimate, TooShort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.comparison.model import Row, Settings
    from wedload.comparison.row_spec import RowSpec
    from wedload.results.model import Result
    from wedload.statistics.model import Decision

_MANY: Final = 20  # samples of what surely should be in the other side, too
_BLOCKS_GROW: Final = 1.5  # blocks are as long as the cube root of a run: their number to the 2/3
_GONE: Final = 0.001  # doubt that at least half of it is there


@dataclass(slots=True)
class _Progress:
    """Counts rows."""

    tell: Callable[[int, int], None]
    of: int
    done: int = 0

    def step(self) -> None:
        self.done += 1
        self.tell(self.done, self.of)


def rows_by_blocks(
    base: Sequence[Result],
    current: Sequence[Result],
    settings: Settings,
    tell: Callable[[int, int], None],
) -> tuple[list[Row], list[Row]]:
    """The rows that are decided, and those for information; `tell` hears of rows done, of all."""
    sides = SideSeconds.of(base), SideSeconds.of(current)
    run_s = min(one.run.duration_s for one in (*base, *current))
    family, details = rows_of(base, current), details_of(base, current)
    progress = _Progress(tell, len(family) + len(details))

    def estimated(spec: RowSpec) -> tuple[RowSpec, RowEstimate | None]:
        found = None if spec.kind == "shown" else estimate_row(spec, *sides, settings)
        progress.step()
        return spec, found

    found = [estimated(spec) for spec in family]
    informing = [estimated(spec) for spec in details]
    decided = _decided(found, settings)
    rows = [_judged(spec, one, decided.get(id(spec)), run_s, settings) for spec, one in found]
    if any(row.benchmark is not None for row in rows):
        rows = [
            row if one is None or one.found is None else replace(row, holds=_holds(row))
            for row, (_, one) in zip(rows, found, strict=True)
        ]
    return rows, [_detail(spec, one, settings) for spec, one in informing if one is not None]


def _holds(row: Row) -> bool:
    """With a benchmark table, what it and the whole load say must be decided; the rest may be.

    There are many steps, and some are too seldom called for any run to clear them.
    """
    return row.benchmark is not None or not row.where


def _judged(
    spec: RowSpec,
    one: RowEstimate | None,
    decided: _Decided | None,
    run_s: float,
    settings: Settings,
) -> Row:
    """A row with what was decided: whether it is a regression, and whether an improvement."""
    row = _row(spec, one, settings)
    if decided is not None:
        row = _with(row, spec, decided, run_s)
        if isinstance(decided.of, TooShort) and one is not None:
            row = _too_short(row, spec, one, decided, run_s)
    if one is None or one.found is None or one.sparse is None or row.outcome != "inconclusive":
        return replace(row, sentence=sentence(row))
    # so few samples cannot rule a few failures out; that many failed is no reason to be at ease
    if one.found.effect <= margin_of(spec, one.found.base, settings):
        row = replace(row, outcome="not-decided", needed_s=None, reason=one.sparse)
    return replace(row, sentence=sentence(row))


@dataclass(frozen=True, slots=True)
class _Decided:
    """What follows for a row."""

    of: Estimate | TooShort
    decision: Decision
    improved: bool


def _decided(
    found: Sequence[tuple[RowSpec, RowEstimate | None]], settings: Settings
) -> dict[int, _Decided]:
    """What follows for each row that has been measured, by the row's identity."""
    measured = [
        (spec, one.found) for spec, one in found if one is not None and one.found is not None
    ]
    kept = _believed(measured)
    margins = [
        margin_as_effect(spec, margin_of(spec, one.base, settings)) for spec, one in measured
    ]
    worse = decide(list(zip(kept, margins, strict=True)))
    better = decide(list(zip(map(_mirrored, kept), margins, strict=True)))
    return {
        id(spec): _Decided(one, decision, improvement.outcome == "regression")
        for (spec, _), one, decision, improvement in zip(measured, kept, worse, better, strict=True)
    }


def _believed(measured: Sequence[tuple[RowSpec, Estimate | TooShort]]) -> list[Estimate | TooShort]:
    """Durations of a run that is too short for many of them are too short all; nothing else is."""
    durations = iter(believed([one for spec, one in measured if spec.kind == "trend"]))
    return [next(durations) if spec.kind == "trend" else one for spec, one in measured]


def _mirrored(found: Estimate | TooShort) -> Estimate | TooShort:
    """With better as worse: what would be a regression of it is an improvement."""
    if isinstance(found, TooShort):
        return replace(found, effect=-found.effect, apart=None)
    return replace(
        found, effect=-found.effect, deviation=found.upward, deviation_up=found.deviation,
        apart=None,
    )  # fmt: skip


def _row(spec: RowSpec, one: RowEstimate | None, settings: Settings) -> Row:
    """What holds for a row whatever is decided, and why nothing is if nothing can be."""
    row = spec.blank()
    if one is None:
        base, current = spec.observed or ((None,), (None,))
        row = replace(row, base=_only(base), current=_only(current))
        return replace(row, reason=f"{spec.aggregation} is shown, but not decided")
    row = replace(row, base_samples=one.base_samples, current_samples=one.current_samples)
    if one.found is None:
        return _too_few(row, one, (len(spec.base), len(spec.current)))
    base_value, current_value = values_of(spec, one.found)
    return replace(
        row, base=base_value, current=current_value, change=change_of(spec, one.found.effect),
        margin=margin_of(spec, one.found.base, settings), blocks=one.found.blocks,
        block_s=one.found.block_s,
    )  # fmt: skip


def _only(values: tuple[float | None, ...]) -> float | None:
    return values[0] if len(values) == 1 else None


def _too_few(row: Row, one: RowEstimate, runs: tuple[int, int]) -> Row:
    """Not decided, unless all or most of it is gone: that cannot be slow, and is no comfort."""
    for mine, other, (here, there), where, elsewhere in (
        (one.base_samples, one.current_samples, runs, "current", "base"),
        (one.current_samples, one.base_samples, runs[::-1], "base", "current"),
    ):
        as_likely = 2 * here / (2 * here + there)  # if a run of the other side had half as many
        if mine < _MANY or not proves_above(mine, mine + other, as_likely, _GONE):
            continue
        reason = f"nothing of it in the {where} runs"
        if other:
            reason = f"{other:,} samples in the {where} runs, {mine:,} in the {elsewhere} ones"
        return replace(row, outcome="inconclusive", reason=reason)
    return replace(row, reason=one.sparse)


def _with(row: Row, spec: RowSpec, decided: _Decided, run_s: float) -> Row:
    decision = decided.decision
    open_ = decision.outcome == "inconclusive"
    longer = decision.longer if open_ else None
    return replace(
        row, outcome=decision.outcome, improved=decided.improved, level=decision.level,
        p=decision.p,
        interval=interval_of(spec, decision.low, decision.high),
        needed_s=None if longer is None else longer * run_s,
        reason="the interval holds the margin" if open_ else None,
    )  # fmt: skip


def _too_short(row: Row, spec: RowSpec, one: RowEstimate, decided: _Decided, run_s: float) -> Row:
    """No interval: either all of one side is worse than all of the other, or nothing is said."""
    found, decision = decided.of, decided.decision
    assert isinstance(found, TooShort)
    row = replace(row, interval=None)
    if decision.outcome == "regression":
        return replace(row, at_least=change_of(spec, decision.low))
    times = max(found.needed_blocks * found.block_s / max(one.row_s, 1), 1.0)
    reason = f"too short: {found.blocks} blocks of {found.block_s} s, {NEEDED_BLOCKS} are needed"
    if found.blocks >= NEEDED_BLOCKS:
        reason = "too many of the other rows are too short for this one to be believed"
    return replace(
        row, level=None, p=None, reason=reason,
        needed_s=run_s * times**_BLOCKS_GROW,
    )  # fmt: skip


def _detail(spec: RowSpec, one: RowEstimate, settings: Settings) -> Row:
    row = _row(spec, one, settings)
    if isinstance(one.found, Estimate):
        margin = margin_as_effect(spec, margin_of(spec, one.found.base, settings))
        (decision,) = decide([(one.found, margin)])
        row = replace(
            row, interval=interval_of(spec, decision.low, decision.high), level=decision.level
        )
    row = replace(row, outcome="not-decided")
    return replace(row, sentence=sentence(row))
