"""Resources sampled beside the load, in a result file, as types: machines, processes, databases."""

from __future__ import annotations

from pydantic import Field

from wedload.plan.measure import Unit  # noqa: TC001 - pydantic looks it up
from wedload.plan.resource_metrics import ResourceKind  # noqa: TC001 - likewise
from wedload.results.part import Count, Part


class ResourceFigures(Part):
    """One quantity of a resource over the load; by second in `by_second`."""

    quantity: str = Field(description="cpu, memory, read, written, descriptors, lock_waits …")
    metric: str = Field(description="what a benchmark row calls it: resource_cpu")
    unit: Unit
    samples: Count
    min: float | None
    avg: float | None
    max: float | None
    p95: float | None = Field(description="null: too few samples for it")
    last: float | None = Field(default=None)
    capacity: float | None = Field(
        default=None, description="where it is exhausted, in the same unit; null: not known"
    )
    by_second: list[float | None] = Field(
        description="in the order of series.second; null: not sampled"
    )


class Statement(Part):
    """A statement that the database spent time on during the load (pg_stat_statements)."""

    text: str
    calls: Count
    total_ms: float
    mean_ms: float
    rows: Count


class LockWait(Part):
    """What was waited for, as sampled once a second: sessions, and who held it."""

    what: str = Field(description="kind and object: `relation bookings`, `transactionid`")
    sessions: Count = Field(description="waiting sessions, over all samples")
    most: Count = Field(description="in one sample")
    holder: str | None = Field(default=None, description="statement of who held it")


class Resource(Part):
    """Something that the load needs, as the plan names it; the machine is always one."""

    name: str
    kind: ResourceKind
    what: str = Field(description="what was asked: a process, a query")
    figures: list[ResourceFigures]
    statements: list[Statement] = Field(default=[], description="costliest first")
    locks: list[LockWait] = Field(default=[])
    problems: dict[str, Count] = Field(default={}, description="why samples are missing")
    notes: list[str] = Field(default=[], description="what is to be known of the figures")
