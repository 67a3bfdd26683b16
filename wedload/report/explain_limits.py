"""What `wedload check` says of a target's highest rate. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.limits import max_rate_per_s
from wedload.report.figures import short_count
from wedload.units import format_per_s

if TYPE_CHECKING:
    from wedload.plan.model import Target


def cap_words(name: str, target: Target, asked_per_s: float) -> str | None:
    """Whether the requests that a plan is expected to ask for a second are within it.

    None: the target has no highest rate.
    """
    most = max_rate_per_s(target)
    if most is None:
        return None
    allowed = f"max_rate of target {name} is {format_per_s(float(most))}"
    asked = f"the plan asks for up to about {short_count(asked_per_s)} requests/s"
    if asked_per_s <= most:
        return f"{allowed}; {asked}"
    return f"{allowed}, and {asked}: requests will be held back"
