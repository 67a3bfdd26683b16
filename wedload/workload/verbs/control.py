"""Compiling what guides a virtual user and has no samples: `think`, `use`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.workload.compiled import Think, Use

if TYPE_CHECKING:
    from wedload.plan.verbs.think import ThinkStep
    from wedload.plan.verbs.use import UseStep
    from wedload.workload.compile_steps import StepCompiler


def compile_think(steps: StepCompiler, step: ThinkStep, _workflow: str | None) -> Think:
    """Compile a think step."""
    return Think(**steps.guards(step), duration=step.think)


def compile_use(steps: StepCompiler, step: UseStep, workflow: str | None) -> Use:
    """Compile a use step."""
    inner = steps.used_steps(step, workflow)
    return Use(**steps.guards(step), steps=inner, repeat=step.repeat)
