"""Faults in words: how the platform fared, in a cell or in a sentence. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from wedload.units import WITHHELD, format_clock, format_ms, format_per_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wedload.results.faults_model import Fault, PlannedFault

_ARROW: Final = "→"
_RETRIED: Final = 1.01  # times that one is asked; of less nothing is said in a sentence
#: what columns of the tables of faults mean
LEGEND: Final = (
    "goodput and p95: before → during → after the fault; goodput: iterations that "
    "fared well, then of what was to be expected; recovered: after its end"
)


def factor(value: float | None) -> str:
    """`×1.25`; what nothing was multiplied by is `×1`, and `×1.002` is more than that."""
    if value is None or math.isnan(value):
        return WITHHELD
    digits = 0 if value >= 99.995 else 3 if value < 1.005 else 2
    text = f"×{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def of_expected(ratio: float | None) -> str:
    """`97.3 %`, `100 %`, `104.1 %`: what is expected is itself an estimate, to a tenth at best."""
    if ratio is None or math.isnan(ratio):
        return WITHHELD
    return f"{ratio * 100:.1f}".removesuffix(".0") + " %"


def when(fault: PlannedFault) -> str:
    """`01:00–01:37`."""
    return f"{format_clock(fault.begin_s)}–{format_clock(fault.end_s)}"


def goodput_words(fault: Fault, arrow: str = _ARROW) -> str:
    """`42.1/s→97.3 %→99.8 %`: before, and during and after of what was to be expected."""
    found = fault.goodput
    shares = (found.during.ratio, found.after.ratio)
    return arrow.join((format_per_s(found.before.per_s), *map(of_expected, shares)))


def p95_words(fault: Fault, arrow: str = _ARROW) -> str:
    """`1.20 s→2.31 s→1.22 s`: workflows that began before, during and after."""
    took = fault.workflow_duration
    return arrow.join(format_ms(one.p95) for one in (took.before, took.during, took.after))


def amplification_words(fault: Fault, arrow: str = _ARROW) -> str:
    """`×1→×2.3→×1`; empty: nothing was retried or asked, or the load did not come to the fault."""
    found = fault.amplification
    factors = (found.before, found.during, found.after)
    reached = found.during is not None or found.after is not None
    retried = reached and any(one is not None and one >= _RETRIED for one in factors)
    return arrow.join(map(factor, factors)) if retried else ""


def recovered_words(fault: Fault) -> str:
    """`4.20 s`, `at once`, `never`; a dash where nobody can say."""
    if fault.metastable:
        return "never"
    if fault.time_to_recover_s is None:
        return WITHHELD
    return "at once" if fault.time_to_recover_s == 0 else format_ms(fault.time_to_recover_s * 1000)


def fault_sentences(fault: Fault) -> Iterator[str]:
    """What a table has no room for: that the platform did not recover, or that nobody can say."""
    if fault.metastable:
        stayed = of_expected(fault.goodput.after.ratio)
        yield (
            f"{fault.name}: metastable: the platform did not recover by itself, goodput stayed at "
            f"{stayed} of what was to be expected"
        )
    elif fault.recovered is None:
        why = f": {fault.unknown}" if fault.unknown else ""
        yield f"{fault.name}: nobody can say whether the platform recovered{why}"


def in_force(faults: Iterable[PlannedFault], elapsed_s: float) -> list[PlannedFault]:
    """Those in force at a moment of the load."""
    return [one for one in faults if one.begin_s <= elapsed_s < one.end_s]


def left_words(faults: Iterable[PlannedFault], elapsed_s: float) -> str:
    """`calendar outage, 0:37 left`; of several, one after the other; empty: none is in force."""
    return "; ".join(
        f"{one.name}, {_left(one.end_s - elapsed_s)} left" for one in in_force(faults, elapsed_s)
    )


def _left(seconds: float) -> str:
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}:{rest:02d}"
