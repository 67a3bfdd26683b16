"""Routes past and through gateways in a result file, as types. Definitions: docs/gateway.md."""

from __future__ import annotations

from pydantic import Field

from wedload.results.figures_model import TrendFigures  # noqa: TC001 - pydantic looks it up
from wedload.results.part import Count, Part

Interval = tuple[float, float]


class RouteUrls(Part):
    """Where the two ways of a route lead."""

    direct: str
    via: str


class Overhead(Part):
    """How much longer requests took via the gateway than directly, pair by pair, ms."""

    count: Count = Field(description="pairs that are in these figures")
    min: float | None = None
    avg: float | None = None
    med: float | None = None
    p95: float | None = None
    max: float | None = None
    avg_95: Interval | None = Field(
        default=None, description="95 % interval of avg; null: the run is too short to say"
    )
    med_95: Interval | None = None
    p95_95: Interval | None = None


class Pairs(Part):
    """The pairs of a step, or of all steps of a route."""

    scenario: str | None = Field(default=None, description="null: of all")
    workflow: str | None = None
    step: str | None = None
    cold: Count = Field(description="pairs left out as a connection was made for one of them")
    failed: Count = Field(description="pairs left out as one of them failed, or was not sent")
    direct: TrendFigures | None = Field(description="http_req_duration; null: there was none")
    via: TrendFigures | None
    overhead: Overhead


class EnvoyCluster(Part):
    """What an Envoy counted of a cluster over the load; its names less `upstream_`."""

    cluster: str
    rq_total: Count
    rq_retry: Count
    rq_retry_success: Count
    rq_retry_overflow: Count
    rq_retry_limit_exceeded: Count
    rq_pending_overflow: Count
    cx_overflow: Count
    rq_timeout: Count
    rq_5xx: Count = Field(description="answers of 5xx that it passed on")


class EnvoyReport(Part):
    """The counters of a gateway that is an Envoy."""

    admin: str
    clusters: list[EnvoyCluster] = Field(default=[], description="those that counted anything")
    problem: str | None = Field(default=None, description="why they are not known")


class Route(Part):
    """The two ways to the platform, and what the longer one costs."""

    name: str
    direct: str
    via: str
    pairs: Pairs
    steps: list[Pairs] = Field(default=[], description="in the order of the plan")
    envoy: EnvoyReport | None = Field(default=None, description="null: the plan names none")
