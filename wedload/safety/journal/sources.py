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
    uses = [use.reads for use in uses_of(plan)]
    env = {name for reads in uses for name in reads.env | reads.optional_env}
    files = {name for reads in uses for name in reads.secrets}
    return {
        **{("env", name): one for name, one in settings.env.plain.items() if name in env},
        **{("file", name): one for name, one in settings.secrets.plain.items() if name in files},
    }
