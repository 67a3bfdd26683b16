"""What came of simulated pairs, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.compare.simulate import QUANTILES, ROWS, STEPS, TRENDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.compare.simulate import Setting, Tally

_HEAD: Final = """# Does `wedload compare` decide rightly?

Simulated pairs of runs, where the truth is known. Made by `{command}` with wedload {version} \
and numpy {numpy}.

**The model.** {steps} steps of {rate:.0f} requests a second each (Poisson). A request takes
`median x exp(level + 0.5 z)`, z standard normal. The level wanders from second to second as an
AR(1) process with autocorrelation phi and the standard deviation given; each step has its own.
0.2 % of requests fail. A comparison has {rows} rows: p50 and p95 of each step (margin 5 %),
failures (margin 0.1 percentage points) and throughput (margin 5 %). *Offset* is the standard
deviation of what a run as a whole is slower by: one run a side cannot see it, see
[what one run cannot tell](../../docs/comparing-statistics.md#what-one-run-a-side-cannot-tell).

Percentages have a standard error of at most {error:.1f} points, near 5 % of {pairs} pairs of
{low_error:.1f}.

## Wrongly claimed

Shares of comparisons that claim a regression in any row: of runs that are alike, and where every
row is worse by exactly its margin, the hardest case, in which at most 5 % should. *Cleared*: share
of rows at their margin of which "no regression" is claimed, at most 5 % too.

| run | phi | sd | offset | pairs | alike | at the margin | cleared |
|----:|----:|---:|-------:|------:|------:|--------------:|--------:|
"""
_POWER: Final = """
## Found

Shares of comparisons that claim a regression where durations are 10 % longer: of all steps, and of
one step alone (by p50 or p95; by its p95). *Alike, cleared*: share of comparisons of runs that are
alike that claim "no regression" in all rows. *Rows too short*: those with under 20 blocks. *Runs
too short*: comparisons in which more than a quarter of the durations are, so that nothing is
claimed of any but those whose sides lie apart altogether.

| run | phi | sd | offset | all steps | one step | its p95 | alike, cleared | rows too short | \
runs too short |
|----:|----:|---:|-------:|----------:|---------:|--------:|---------------:|---------------:|\
---------------:|
"""
_COVER: Final = """
## Covered by 95 % intervals

Of the difference between two runs (p50 and p95 of all steps), and the interval of one run's p95
that stands beside benchmark rows, against the p95 over all runs that could be. Rows that are too
short have none.

| run | phi | sd | of differences | of one run's p95 |
|----:|----:|---:|---------------:|-----------------:|
"""


def render(
    found: Iterable[tuple[Setting, Tally]], *, command: str, version: str, numpy: str
) -> str:
    """The report as a whole."""
    results = [(setting, tally) for setting, tally in found if tally.pairs]
    pairs = min((tally.pairs for _, tally in results), default=1)
    head = _HEAD.format(
        command=command, version=version, numpy=numpy, steps=STEPS, rows=ROWS, pairs=pairs,
        rate=results[0][0].model.rate if results else 0,
        error=50 / pairs**0.5, low_error=100 * (0.05 * 0.95 / pairs) ** 0.5,
    )  # fmt: skip
    return "".join((
        head,
        *(_wrong(setting, tally) for setting, tally in results),
        _POWER,
        *(_power(setting, tally) for setting, tally in results),
        _COVER,
        *(_covered(setting, tally) for setting, tally in results if not setting.offset),
    ))  # fmt: skip


def _wrong(setting: Setting, tally: Tally) -> str:
    return _row(
        *_name(setting), str(tally.pairs),
        _share(tally.alike_regression, tally.pairs), _share(tally.margin_regression, tally.pairs),
        _share(tally.margin_cleared_rows, tally.pairs * ROWS),
    )  # fmt: skip


def _power(setting: Setting, tally: Tally) -> str:
    return _row(
        *_name(setting),
        _share(tally.slower_found, tally.pairs), _share(tally.one_step_found, tally.pairs),
        _share(tally.one_step_p95_found, tally.pairs), _share(tally.alike_cleared, tally.pairs),
        _share(tally.short_rows, tally.pairs * ROWS), _share(tally.short_pairs, tally.pairs),
    )  # fmt: skip


def _covered(setting: Setting, tally: Tally) -> str:
    return _row(
        *_name(setting)[:-1],
        _share(tally.differences_covered, tally.differences, least=TRENDS * len(QUANTILES)),
        _share(tally.intervals_covered, tally.intervals, least=len(QUANTILES)),
    )  # fmt: skip


def _name(setting: Setting) -> tuple[str, str, str, str]:
    model = setting.model
    return (
        f"{model.seconds} s", f"{model.phi:g}", f"{model.sd * 100:.0f} %",
        f"{setting.offset * 100:.0f} %",
    )  # fmt: skip


def _share(some: int, of: int, least: int = 1) -> str:
    """A percentage; a dash if it would be of next to nothing."""
    return f"{100 * some / of:.1f} %" if of >= least else "–"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
