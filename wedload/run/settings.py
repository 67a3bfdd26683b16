"""What the load processes of a run are told, as far as it is known before the target is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.run.facts import new_run_id
from wedload.workload.compile_plan import Settings

if TYPE_CHECKING:
    from wedload.plan.model import Plan
    from wedload.plan.secrets.environment import Environment
    from wedload.run.opening import RunTarget
    from wedload.run.options import RunOptions


def first_settings(
    plan: Plan,
    chosen: RunTarget,
    options: RunOptions,
    environment: Environment,
    *,
    seed: int,
    code: str | None,
) -> Settings:
    """The settings of a run that begins now; its target may allow less, once it is reached.

    `code`: the folder of the plan's Python, if it may be run.
    """
    target = plan.targets[chosen.name]
    return Settings(
        target=chosen.name,
        base_url="",  # until then
        run_id=new_run_id(),
        seed=seed,
        time_scale=options.time_scale,
        once=options.once,
        probes=0 if options.knee is None else options.knee.most_probes,
        max_vus=target.max_vus,
        max_duration_ns=target.max_duration,
        max_rate_per_s=chosen.max_rate_per_s,
        python_folder=code,
        env=environment.variables,
        secrets=environment.files,
    )
