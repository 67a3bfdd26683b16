"""How two sides fared under the same faults: shown beside each other, and not decided. Pure.

A run has each fault once, so that nobody can say by how much its goodput differs by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.comparison.row_spec import RowSpec
from wedload.results.seconds import SeriesPick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wedload.comparison.model import RowUnit
    from wedload.plan.metric import Direction
    from wedload.results.faults_model import Fault
    from wedload.results.model import Result


@dataclass(frozen=True, slots=True)
class _Figure:
    """What is shown of a fault, as a row of a benchmark table would ask for it."""

    words: str
    metric: str
    selector: str
    unit: RowUnit
    worse: Direction
    of: Callable[[Fault], float | None]


def _recovery_ms(one: Fault) -> float | None:
    return None if one.time_to_recover_s is None else one.time_to_recover_s * 1000


_FIGURES: Final = (
    _Figure(
        "goodput during", "goodput", "fault", "ratio", "lower",
        lambda one: one.goodput.during.ratio,
    ),
    _Figure(
        "goodput after", "goodput", "after_fault", "ratio", "lower",
        lambda one: one.goodput.after.ratio,
    ),
    _Figure("recovered after", "time_to_recover", "fault", "ms", "higher", _recovery_ms),
)  # fmt: skip


def fault_rows(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    """Goodput during and after each fault that all runs have, and how soon it was back.

    What the benchmark table asks for is left out.
    """
    asked = {(row.metric, *row.where.items()) for row in base[0].benchmarks}
    for name in _names([*base, *current]):
        for figure in _FIGURES:
            if (figure.metric, (figure.selector, name)) not in asked:
                yield _row(name, figure, base, current)


def never_recovered(base: Sequence[Result], current: Sequence[Result]) -> Iterator[str]:
    """A sentence for each fault after which a platform stayed down: its rows have no figure."""
    for name in _names([*base, *current]):
        told = [f"{side} in {words}" for side, runs in (("base", base), ("current", current))
                if (words := _stayed_down(name, runs))]  # fmt: skip
        if told:
            sides = ", ".join(told)
            yield f"after the fault {name} the platform never recovered by itself: {sides}"


def _stayed_down(name: str, runs: Sequence[Result]) -> str:
    """In how many runs it did; empty: in none."""
    number = sum(one.metastable for run in runs for one in run.faults if one.name == name)
    of = "its run" if len(runs) == 1 else f"{number} of {len(runs)} runs"
    return of if number else ""


def _names(results: Sequence[Result]) -> list[str]:
    """Faults that every run has, in the order of the first."""
    others = [{one.name for one in result.faults} for result in results[1:]]
    first = [one.name for one in results[0].faults]
    return [name for name in first if all(name in there for there in others)]


def _row(name: str, figure: _Figure, base: Sequence[Result], current: Sequence[Result]) -> RowSpec:
    def of(runs: Sequence[Result]) -> tuple[float | None, ...]:
        return tuple(figure.of(one) for run in runs for one in run.faults if one.name == name)

    return RowSpec(
        name=f"fault {name} {figure.words}", metric=figure.metric,
        where=((figure.selector, name),), aggregation="value", kind="shown", unit=figure.unit,
        worse=figure.worse, base=(SeriesPick(()),) * len(base),
        current=(SeriesPick(()),) * len(current), observed=(of(base), of(current)),
    )  # fmt: skip
