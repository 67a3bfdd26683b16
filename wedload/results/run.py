"""A finished run, and the machine that it was made on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wedload import is_compiled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.summary import Summary
    from wedload.metrics.timeline import Timeline
    from wedload.verdict.model import Verdict
    from wedload.verdict.validity import GeneratorHealth
    from wedload.workload.compile import Workload


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    run_id: str
    plan: str
    plan_file: str
    plan_hash: str
    target: str
    base_url: str
    started_at: datetime
    load_s: float  # how long the load lasted
    time_scale: float
    seed: int
    version: str
    workers: int
    host: Mapping[str, Any]
    tags: Mapping[str, str]
    interrupted: bool
    workload: Workload
    summary: Summary
    timeline: Timeline
    health: GeneratorHealth
    cleanup: CleanupCount | None  # None: lost with the load process
    verdict: Verdict

    def facts(self) -> dict[str, Any]:
        """The `run` part of the result file."""
        return {
            "id": self.run_id,
            "plan": self.plan,
            "plan_file": self.plan_file,
            "plan_hash": self.plan_hash,
            "target": self.target,
            "base_url": self.base_url,
            "started_at": self.started_at.isoformat(timespec="milliseconds"),
            "duration_s": round(self.load_s, 3),
            "time_scale": self.time_scale,
            "seed": self.seed,
            "version": self.version,
            "workers": self.workers,
            "host": dict(self.host),
            "tags": dict(self.tags),
            "interrupted": self.interrupted,
        }


def host_facts() -> dict[str, Any]:
    """The machine that a run is made on."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "compiled": is_compiled(),  # what drives the load, which then needs less CPU time
    }
