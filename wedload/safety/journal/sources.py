"""The secrets that a journal refers to: by where they are from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.uses import env_names

if TYPE_CHECKING:
    from wedload.plan.model import Plan
    from wedload.safety.journal.seal import Source
    from wedload.workload.compile_plan import Settings


def secrets_of(plan: Plan, settings: Settings) -> dict[Source, str]:
    """What a run reads from outside of its plan, with its values as they are now."""
    read = env_names(plan)
    found: dict[Source, str] = {
        ("env", name): value for name, value in settings.env.plain.items() if name in read
    }
    return found | {("file", name): value for name, value in settings.secrets.plain.items()}
