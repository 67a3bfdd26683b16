"""The faults of a run, and how the platform fared under each, as its result has them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.plan.fault_times import FaultSpan, stretches
from wedload.results.faults_model import Fault
from wedload.results.figures import trend_figures
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.metrics.summary import Summary
    from wedload.results.faults_model import PlannedFault
    from wedload.results.run import Run
    from wedload.verdict.goodput import FaultEffect, Goodput

_STRETCHES: Final = ("before", "during", "after")


def faults_of(run: Run) -> list[Fault]:
    """Each fault of the plan, in its order."""
    effects = {one.name: one for one in run.verdict.faults}
    spans = [_span(one) for one in run.info.faults]
    return [
        _fault(one, effects.get(one.name), _took(_span(one), spans, run.summary))
        for one in run.info.faults
    ]


def _span(planned: PlannedFault) -> FaultSpan:
    return FaultSpan(
        planned.name, round(planned.begin_s * NS_PER_S), round(planned.end_s * NS_PER_S)
    )


def _fault(planned: PlannedFault, effect: FaultEffect | None, took: dict[str, Any]) -> Fault:
    found: dict[str, Any] = {**planned.model_dump(), "workflow_duration": took}
    if effect is not None:
        found |= {
            "goodput": {
                stretch: _goodput(getattr(effect, stretch))
                for stretch in _STRETCHES
                if getattr(effect, stretch) is not None
            },
            "recovered": effect.recovered,
            "unknown": effect.unknown,
            "metastable": effect.metastable,
            "time_to_recover_s": _rounded(effect.time_to_recover_s),
            "amplification": {
                stretch: _rounded(getattr(effect.amplification, stretch)) for stretch in _STRETCHES
            },
        }
    return Fault.model_validate(found)


def _goodput(seen: Goodput) -> dict[str, float | None]:
    expected = seen.expected / seen.seconds if seen.seconds else None
    return {
        "per_s": _rounded(seen.per_s),
        "expected_per_s": _rounded(expected),
        "ratio": _rounded(seen.ratio),
    }


def _took(fault: FaultSpan, spans: list[FaultSpan], summary: Summary) -> dict[str, Any]:
    return {
        stretch: trend_figures(summary.trend("workflow_duration", where))
        for stretch, where in stretches(fault, spans).items()
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
