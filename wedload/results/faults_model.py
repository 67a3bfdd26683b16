"""The faults in a result file, as types: what was broken, when, and how the platform fared.

Every part but the schedule has a default: of a run that was cut off before a fault there is
nothing to say. Moments are seconds of the load, durations ms, as names and units say.
"""

from __future__ import annotations

from pydantic import Field

from wedload.results.figures_model import TrendFigures
from wedload.results.part import Part


class GoodputOf(Part):
    """Iterations that fared well in one stretch; null: too little load to say."""

    per_s: float | None = None
    expected_per_s: float | None = Field(
        default=None, description="what was to be expected of the load, from before the fault"
    )
    ratio: float | None = Field(default=None, description="per_s / expected_per_s")


class Goodput(Part):
    """Goodput before a fault, while it was in force, and from its end on."""

    before: GoodputOf = GoodputOf()
    during: GoodputOf = GoodputOf()
    after: GoodputOf = GoodputOf()


class WorkflowDurations(Part):
    """How long workflows took that began before, during and after a fault."""

    before: TrendFigures = TrendFigures(unit="ms", count=0)
    during: TrendFigures = TrendFigures(unit="ms", count=0)
    after: TrendFigures = TrendFigures(unit="ms", count=0)


class Amplification(Part):
    """Attempts / operations at all third parties; null: there were no operations."""

    before: float | None = None
    during: float | None = None
    after: float | None = None


class PlannedFault(Part):
    """When a fault was to be in force."""

    name: str
    on: list[str] = Field(description="dependencies, proxies, services of the sandbox")
    what: str = Field(default="", description="what went wrong there, in words")
    begin_s: float
    end_s: float


class Fault(PlannedFault):
    """One fault, and how the platform fared."""

    goodput: Goodput = Goodput()
    recovered: bool | None = Field(
        default=None, description="null: that is not known, as `unknown` says"
    )
    unknown: str | None = Field(
        default=None, description="why it is not known whether the platform recovered"
    )
    metastable: bool = Field(default=False, description="the platform did not recover by itself")
    time_to_recover_s: float | None = Field(
        default=None, description="from the end of the fault until goodput was back for good"
    )
    workflow_duration: WorkflowDurations = WorkflowDurations()
    amplification: Amplification = Amplification()
