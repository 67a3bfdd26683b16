"""What a result file holds (`wedload.result/1`), as types: the source of its JSON Schema.

`wedload.results.document` makes one from a run, `wedload.results.read` reads one, and whoever
reports or compares gets these. Durations are ms unless a name or unit says otherwise. Keys that a
newer wedload adds are ignored.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic looks it up
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from wedload.plan.measure import Unit  # noqa: TC001 - pydantic looks it up
from wedload.plan.metric_table import METRICS
from wedload.results.accepted_model import AcceptedData  # noqa: TC001 - pydantic looks it up
from wedload.results.analysis_model import Analysis  # noqa: TC001 - likewise
from wedload.results.capacity_model import Capacity  # noqa: TC001 - pydantic looks it up
from wedload.results.channel_model import Channel  # noqa: TC001 - pydantic looks it up
from wedload.results.databases_model import Explained  # noqa: TC001 - likewise
from wedload.results.dependency_model import Dependency, FaultProxy, Simulate  # noqa: TC001 - likewise
from wedload.results.faults_model import Fault, PlannedFault  # noqa: TC001 - likewise
from wedload.results.figures_model import Metrics, TrendFigures  # noqa: TC001 - likewise
from wedload.results.limits_model import RateLimits  # noqa: TC001 - likewise
from wedload.results.monitoring_model import MonitoringFacts  # noqa: TC001 - likewise
from wedload.results.part import Count, Part
from wedload.results.resources_model import Resource  # noqa: TC001 - pydantic looks it up
from wedload.results.routes_model import Route, RouteUrls  # noqa: TC001 - pydantic looks it up
from wedload.results.series_model import EncodedHistogram, Series  # noqa: TC001 - pydantic looks them up
from wedload.results.traces_model import Traces  # noqa: TC001 - pydantic looks it up

if TYPE_CHECKING:
    from wedload.plan.metric import Direction

Schema = Literal["wedload.result/1"]
SCHEMA: Final[Schema] = "wedload.result/1"


class RunFacts(Part):
    """What was run, on what, and when."""

    id: str
    plan: str
    plan_file: str
    plan_hash: str = Field(description="SHA-256 of the plan as driven, with its data files")
    load_hash: str = Field(
        description="SHA-256 of what makes up the load: runs are comparable if theirs is the same"
    )
    target: str
    base_url: str
    started_at: datetime
    duration_s: float = Field(description="how long the load lasted")
    planned_s: float = Field(description="how long its schedule is")
    time_scale: float
    seed: int
    version: str
    workers: int
    host: dict[str, Any]
    tags: dict[str, str]
    channels: dict[str, Literal["webhook", "realtime"]] = Field(default={}, description="by name")
    within_ms: dict[str, float] = Field(
        default={}, description="by channel: the longest deadline of steps that expect something"
    )
    faults: list[PlannedFault] = Field(
        default=[], description="by the plan, in seconds of the load"
    )
    dependencies: dict[str, Simulate] = Field(default={}, description="by name")
    proxies: dict[str, str] = Field(default={}, description="upstream, by name")
    routes: dict[str, RouteUrls] = Field(default={}, description="the two ways, by name")
    max_rate_per_s: float | None = Field(
        default=None, description="requests that the target gets at most; null: any number"
    )
    accepted_data: list[AcceptedData] = Field(
        default=[], description="what may be somebody's data and was let pass, with the reasons"
    )
    resources: dict[str, str] = Field(
        default={}, description="what was sampled beside the load, by name: `process: api`"
    )
    interrupted: bool
    aborted_s: float | None = Field(
        default=None, description="when a row with `abort` ended the load; null: none did"
    )
    complete: bool = Field(description="false: the coordinator ended in mid-run")


class Benchmark(Part):
    """One row of the benchmark table, judged."""

    name: str
    metric: str
    where: dict[str, str]
    aggregation: str
    require: str
    observed: float | None
    unit: Unit
    samples: Count
    needed: Count = Field(description="samples that the aggregation needs to mean anything")
    margin: float | None = Field(description="share of the threshold; negative: missed")
    status: Literal["met", "missed", "no-data", "insufficient"]
    bound_95: float | None = Field(description="rates: one-sided Clopper-Pearson bound, bad side")
    interval_95: tuple[float, float] | None = Field(
        description="two-sided, by block bootstrap over seconds; null: too few seconds to say"
    )
    reason: str | None
    abort: bool = Field(default=False, description="a miss ends the run early")
    after_s: float | None = Field(default=None, description="judged from this second of load on")
    window_s: float | None = Field(default=None, description="judged over each such stretch")
    at_s: float | None = Field(
        default=None, description="rows with a window: when the worst one ended"
    )
    series: list[int] = Field(
        description="whose seconds it is about: places in series.trends, .rates or .counters, "
        "by the kind of its metric"
    )

    @property
    def subject(self) -> tuple[Any, ...]:
        """What makes rows of two results the same: all but the threshold, and what came of it."""
        return (
            self.name, self.metric, self.where, self.aggregation, self.after_s, self.window_s,
        )  # fmt: skip

    @property
    def worse(self) -> Direction:
        """Which way it gets worse: what is allowed least, above `< 1%` and below `> 99%`."""
        if self.unit == "ms":
            return "higher"
        if ">" in self.require:
            return "lower"
        if "<" in self.require or self.metric not in METRICS:
            return "higher"
        return METRICS[self.metric].worse


class Finding(Part):
    """Something that makes the numbers untrustworthy, or worth a warning."""

    kind: str
    message: str
    invalidates: bool
    fails: bool = False  # whatever the rows say; new in 0.2


class Pauses(Part):
    """Pauses for garbage collections."""

    unit: Literal["ms"]
    longest: float
    total: float


class Process(Part):
    """One load process over the run, or the one that listens to channels or plays third parties."""

    worker: int
    role: Literal["load", "channels", "dependencies"] = "load"
    cpu_avg_ratio: float
    cpu_max_ratio: float
    loop_lag: TrendFigures
    memory_max_bytes: int
    gc: Pauses
    open_files_max: int
    open_files_limit: int | None


class Generator(Part):
    """The load processes together: of several, the worst; in `processes` also the others."""

    cpu_avg_ratio: float
    cpu_max_ratio: float
    loop_lag: TrendFigures
    memory_max_bytes: int
    gc: Pauses
    seconds: Count
    processes: list[Process]


class Validity(Part):
    """Whether the numbers can be trusted."""

    valid: bool
    findings: list[Finding]
    generator: Generator


class Step(Part):
    """One step of one workflow."""

    scenario: str
    workflow: str | None
    step: str
    outcomes: dict[str, Count]
    metrics: Metrics


class Check(Part):
    """One check of a step."""

    scenario: str
    workflow: str | None
    step: str
    check: str
    passed: Count
    failed: Count


class Stage(Part):
    """One stage of a scenario, by the schedule."""

    scenario: str
    stage: str | None
    begin_s: float
    end_s: float
    start_vus: int | None = Field(default=None, description="it ramps from here to its target")
    target_vus: int | None
    start_rate: float | None = Field(default=None, description="iterations per second")
    target_rate: float | None
    metrics: Metrics


class Failure(Part):
    """A text that explains failures."""

    message: str
    count: Count


class Cleanup(Part):
    """What clean-up did; nulls: lost with the load processes."""

    created: Count | None
    deleted: Count | None
    absent: Count | None = 0  # of these, what the target did not know; new in 0.2
    leaked: Count | None
    uncertain: Count | None = 0  # requests that may have created something; new in 0.2
    swept: Count | None = 0  # what the sweep says that it deleted; new in 0.2
    reasons: dict[str, Count]


class Result(Part):
    """A run and what came of it."""

    format: Schema = Field(alias="schema")
    run: RunFacts
    verdict: Literal["pass", "fail", "invalid"]
    reasons: list[str]
    benchmarks: list[Benchmark]
    validity: Validity
    metrics: Metrics
    steps: list[Step]
    checks: list[Check]
    stages: list[Stage]
    failures: list[Failure]
    cleanup: Cleanup
    rate_limits: RateLimits | None = Field(default=None, description="null: of an older wedload")
    channels: list[Channel] = Field(default=[], description="of the plan, in its order")
    faults: list[Fault] = Field(default=[], description="of the plan, in its order")
    dependencies: list[Dependency] = Field(default=[], description="of the plan, in its order")
    proxies: list[FaultProxy] = Field(default=[], description="of the plan, in its order")
    routes: list[Route] = Field(default=[], description="of the plan, in its order")
    traces: Traces | None = Field(default=None, description="null: none were taken")
    resources: list[Resource] = Field(
        default=[], description="the machine, then those of the plan, in its order"
    )
    explained: list[Explained] = Field(default=[], description="slowest queries of sql steps")
    capacity: Capacity | None = Field(default=None, description="null: nobody searched for it")
    monitoring: MonitoringFacts | None = Field(default=None, description="null: of a plan without")
    analysis: Analysis | None = Field(default=None, description="null: of an older wedload")
    series: Series
    histograms: list[EncodedHistogram]
