"""Resources as results have them, of runs that never happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wedload.plan.metric_table import METRICS
from wedload.plan.resource_metrics import metric_of
from wedload.results.resources_model import LockWait, Resource, ResourceFigures, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.model import Result


def level(quantity: str, values: Sequence[float | None], capacity: float | None = None):
    """The figures of a quantity with these levels by second."""
    metric = metric_of(quantity)
    there = [one for one in values if one is not None]
    return ResourceFigures(
        quantity=quantity, metric=metric, unit=METRICS[metric].unit, samples=len(there),
        min=min(there, default=None), avg=sum(there) / len(there) if there else None,
        max=max(there, default=None), p95=None, last=there[-1] if there else None,
        capacity=capacity, by_second=list(values),
    )  # fmt: skip


def watched(seconds: int = 60) -> list[Resource]:
    """A machine, a process, a database with a lock, a query, and something that is not there."""
    ramp = [n / seconds for n in range(seconds)]
    return [
        Resource(
            name="machine", kind="machine", what="",
            figures=[level("cpu", [2 * n for n in ramp], 2.0), level("load", ramp, 2.0)],
        ),
        Resource(
            name="api", kind="process", what="gunicorn",
            figures=[
                level("cpu", [None, *ramp[1:]], 2.0),
                level("memory", [5e7 + 1e6 * n for n in ramp]),
                level("descriptors", [40.0] * seconds), level("written", [0.0] * seconds),
            ],
        ),
        Resource(
            name="db", kind="postgres", what="main",
            figures=[
                level("connections", [12.0] * seconds, 100.0), level("active", [3.0] * seconds),
                level("waiting", [0.0] * (seconds - 1) + [2.0]), level("lock_waits", ramp),
            ],
            statements=[
                Statement(
                    text="SELECT <b> FROM t WHERE a = ?", calls=12, total_ms=3400.0,
                    mean_ms=283.3, rows=7,
                )
            ],
            locks=[
                LockWait(
                    what="row of bookings", sessions=40, most=3,
                    holder="UPDATE bookings SET a = ? WHERE id = ?",
                ),
                LockWait(what="relation bookings", sessions=1, most=1),
            ],
            notes=["statements of other users are not shown"],
        ),
        Resource(
            name="queue", kind="prometheus", what="queue_length",
            figures=[level("value", [1.0, None] * (seconds // 2))],
        ),
        Resource(
            name="gone", kind="cgroup", what="a", figures=[],
            problems={"/sys/fs/cgroup/a is not there": seconds},
        ),
    ]  # fmt: skip


def with_resources(result: Result, found: Sequence[Resource] | None = None, **more: Any) -> Result:
    """The same run, with these resources beside it."""
    resources = watched(len(result.series.second)) if found is None else list(found)
    return result.model_copy(update={"resources": resources, **more})
