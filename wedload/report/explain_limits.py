"""What `wedload check` says of the most load that a target allows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.rate_limits import max_rate_per_s
from wedload.report.counts import short_count
from wedload.units import counted, format_duration_ns, format_per_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Target
    from wedload.report.explain_lines import Line


def rate_line(name: str, target: Target, asked_per_s: float) -> Iterator[Line]:
    """Whether the requests that a plan is expected to ask for a second are within `max_rate`."""
    most = max_rate_per_s(target)
    if most is None:
        return
    allowed = f"max_rate of target {name} is {format_per_s(float(most))}"
    asked = f"the plan asks for up to about {short_count(asked_per_s)} requests/s"
    if asked_per_s <= most:
        yield f"{allowed}; {asked}", "dim"
    else:
        yield f"{allowed}, and {asked}: requests will be held back", "yellow"


def cap_line(target: Target) -> Iterator[Line]:
    """The most virtual users, and the longest load, that the plan lets anybody ask for."""
    caps = [] if target.max_vus is None else [counted(target.max_vus, "virtual user")]
    if target.max_duration is not None:
        caps.append(format_duration_ns(target.max_duration))
    if caps:
        yield f"the target allows {' and '.join(caps)} at most", "dim"
