"""What is known of a run when it begins."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wedload.about import __version__
from wedload.results.run import RunInfo, host_facts
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.loader import LoadedPlan
    from wedload.run.options import RunOptions
    from wedload.workload.compile_plan import Settings, Workload


def run_info(
    loaded: LoadedPlan, options: RunOptions, settings: Settings, workload: Workload, workers: int
) -> RunInfo:
    """A run that begins now, with an id of its own."""
    started_at = datetime.now(UTC)
    return RunInfo(
        run_id=f"{started_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        plan=loaded.plan.name,
        plan_file=loaded.file,
        plan_hash=loaded.digest,
        load_hash=loaded.load_digest,
        target=settings.target,
        base_url=settings.base_url,
        started_at=started_at,
        planned_s=0.0 if options.once else workload.end_ns / NS_PER_S,
        time_scale=options.time_scale,
        seed=settings.seed,
        version=__version__,
        workers=workers,
        host=host_facts(),
        tags=options.tags,
        channels={name: one.kind for name, one in loaded.plan.channels.items()},
    )
