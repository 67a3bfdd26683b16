"""What samples can belong to: the series and phases of a run, each with a small number.

Load processes record numbers; whoever reads a snapshot looks the meaning up here. The catalogue
is made with the workload, the same in every process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from wedload.plan.fault_times import FAULT_DIMENSIONS

#: selects by the workflow that a scenario runs alone, not by those it uses; no key of a plan
EXACT_WORKFLOW: Final = "workflow run"


@dataclass(frozen=True, slots=True)
class Series:
    """One source of samples.

    A step, a check of it, a workflow, a group, a scenario, a channel, a third party.
    """

    scenario: str
    workflow: str | None = None
    step: str | None = None
    group: str | None = None
    check: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    #: samples of set-up, tear-down and clean-up are shown but not judged unless a row asks for them
    judged: bool = True
    used: tuple[str, ...] = ()  # workflows within `workflow` that the step came from, by `use`
    verb: str | None = None  # of a step: what its samples are counted and timed by
    channel: str | None = None  # of a step that waits for it or publishes to it, or its own
    dependency: str | None = None  # a third party, whose samples have nothing else
    #: direct or via, of a step that goes both ways; of what these differ by, the name of the route
    route: str | None = None

    def matches(self, dimension: str, value: str) -> bool:
        """Whether a selector `{dimension=value}` picks this series; group a holds a/b too."""
        match dimension:
            case "workflow run":  # EXACT_WORKFLOW
                return self.workflow == value
            case "workflow":
                return value == self.workflow or value in self.used
            case "scenario" | "step" | "check" | "channel" | "dependency" | "route":
                return bool(getattr(self, dimension) == value)
            case "group":
                return self.group is not None and f"{self.group}/".startswith(f"{value}/")
            case _:
                return (dimension, value) in self.tags


@dataclass(frozen=True, slots=True)
class Phase:
    """What was in force when a sample began."""

    scenario: str
    stage: str | None = None
    duration_s: float = 0.0  # of the phase; 0: without end
    begin_s: float = 0.0  # from the begin of the load on
    #: (dimension, value) of what is in force besides; of a dimension there may be several
    others: tuple[tuple[str, str], ...] = ()

    def has(self, dimension: str, value: str) -> bool:
        """Whether that was in force."""
        return self.stage == value if dimension == "stage" else (dimension, value) in self.others


@dataclass(slots=True)
class Catalogue:
    """Numbers for series and phases, in the order in which the workload names them."""

    series: list[Series] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    _series_ids: dict[Series, int] = field(default_factory=dict)

    def add_series(self, series: Series) -> int:
        """The number of a series, a new one if it is not known yet."""
        number = self._series_ids.setdefault(series, len(self.series))
        if number == len(self.series):
            self.series.append(series)
        return number

    def add_phase(self, phase: Phase) -> int:
        """The number of a new phase."""
        self.phases.append(phase)
        return len(self.phases) - 1


#: dimensions of a selector that a phase answers (see wedload.workload.phases.Dimension); all others
#: are answered by the series
PHASE_DIMENSIONS: Final = frozenset({"stage", *FAULT_DIMENSIONS})
