"""What an analysis of a result says: levels of load, who takes the time, what gives way, as types.

Made by `wedload.analysis` and kept in the result. Sentences are for people and have their figures
in them; the fields are the same for programs. Definitions: docs/analysis.md.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wedload.results.part import Count, Part, Share

CulpritKind = Literal["service", "operation", "pool", "lock", "resource", "third party", "query"]
#: what a split of latencies is taken from, the surest first
SplitSource = Literal["traces", "server-timing", "dependencies"]


class ServicePart(Part):
    """A service's, or an operation's, part of a mean response at a level of load."""

    service: str
    operation: str | None = None
    self_ms: float = Field(description="on critical paths, per traced request")
    share: Share = Field(description="of the mean response time of what is split")


class Level(Part):
    """A stretch of the run with about the same load."""

    name: str = Field(description="its stage, or the part of a ramp")
    begin_s: float = Field(default=0.0)
    seconds: float = Field(description="that it is about")
    vus: float = Field(description="mean of active virtual users")
    in_flight: float = Field(description="mean of requests under way: Little's L = rate x duration")
    requests: Count = Field(default=0)
    rate_per_s: float = Field(description="requests that ended")
    mean_ms: float
    p95_ms: float | None = Field(description="null: too few samples")
    failed_ratio: float
    traces: Count = Field(default=0, description="what its split is made of")
    services: list[ServicePart] = Field(
        default=[], description="longest first; empty: nothing tells, or too little"
    )


class Culprit(Part):
    """What a run's slowness comes from."""

    kind: CulpritKind
    service: str
    operation: str | None = None
    resource: str | None = None
    low_ms: float | None = Field(default=None, description="its part at the lowest load")
    high_ms: float | None = Field(default=None, description="its part at the highest load")
    share_of_growth: float | None = Field(
        default=None, description="of the growth from the lowest load to the highest"
    )
    certainty: Share | None = Field(
        default=None, description="share of resamples of the run in which it comes first"
    )
    words: str = Field(description="a sentence with these figures")
    evidence: list[str] = Field(default=[], description="sentences, each with its figures")


class Scalability(Part):
    """Universal Scalability Law X(N) = gamma N / (1 + alpha (N-1) + beta N (N-1)), fitted."""

    gamma_per_s: float
    alpha: float
    beta: float
    alpha_95: tuple[float, float]
    beta_95: tuple[float, float]
    gamma_95: tuple[float, float]
    peak_n: float | None = Field(description="requests in flight at the highest rate; null: none")
    peak_per_s: float | None
    levels: Count
    r_squared: float


class Little(Part):
    """Little's law over the load: L = X R, of what was measured apart from each other."""

    what: str = Field(default="iterations", description="what is under way")
    stage: str | None = Field(default=None, description="in which it was checked")
    in_flight: float
    rate_per_s: float
    mean_ms: float
    error_ratio: float
    holds: bool = Field(description="the error is at most 5 %")


class Knee(Part):
    """Where response times begin to grow faster than the load."""

    in_flight: float
    in_flight_95: tuple[float, float] | None = Field(default=None)
    rate_per_s: float
    mean_ms: float
    slope_before: float = Field(default=0.0, description="ms more for each request more in flight")
    slope_after: float = Field(default=0.0)


class Saturated(Part):
    """A resource that came to its limit, and when."""

    resource: str
    quantity: str
    at_s: float
    level: float = Field(description="as a share of its capacity, from then on")
    rate_per_s: float = Field(description="requests per second by then")
    vus: float
    one_core: bool = Field(
        default=False, description="a process that has more cores, and uses just one"
    )


class Analysis(Part):
    """What gives way, and why; empty lists and nulls where the run cannot say, with the reason."""

    verdict: str = Field(description="one sentence for the verdict's foot")
    culprits: list[Culprit] = Field(default=[], description="surest first; none: nothing gave way")
    levels: list[Level] = Field(default=[], description="lowest load first")
    split_by: SplitSource | None = Field(
        default=None, description="what tells whose time it is; null: nothing does"
    )
    scalability: Scalability | None = None
    knee: Knee | None = None
    little: Little | None = None
    saturated: list[Saturated] = Field(default=[], description="in the order in which they were")
    refused: dict[str, str] = Field(
        default={}, description="what could not be said -> why: scalability, knee, services …"
    )
    sentences: list[str] = Field(default=[])
