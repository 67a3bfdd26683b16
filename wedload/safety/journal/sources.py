"""The secrets that a journal refers to: by where they are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.uses import uses_of

if TYPE_CHECKING:
    from wedload.plan.model import Plan
    from wedload.safety.journal.seal import Source
    from wedload.workload.compile_plan import Settings


def secrets_of(plan: Plan, settings: Settings) -> dict[Source, str]:
    """What a run reads from outside of its plan, with its values as they are now."""
    read = {name for use in uses_of(plan) for name in use.reads.env | use.reads.optional_env}
    return {("env", name): value for name, value in settings.env.items() if name in read}
