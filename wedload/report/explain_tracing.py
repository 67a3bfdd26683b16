"""What `wedload check` says of tracing: how much is traced, and who has to be told where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.uses import uses_of
from wedload.units import format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.model import Plan
    from wedload.report.explain_lines import Line


def tracing_lines(plan: Plan, target: str, *, missing: bool = False) -> Iterator[Line]:
    """Nothing, where nothing is traced; `missing`: what reads spans is not installed."""
    tracing = plan.tracing
    if tracing is None:
        return
    host, _, port = tracing.listen.rpartition(":")
    any_port = port == "0"
    where = f"{host}, any free port" if any_port else tracing.listen
    yield f"traces {format_ratio(tracing.share)} of requests; spans are received on {where}", "dim"
    read = any(place == "tracing" for use in uses_of(plan) for place, _, _ in use.reads.addresses)
    if any_port and not (read or plan.targets[target].sandbox):
        remedy = "give listen a fixed one, or have a step tell it ${tracing.endpoint}"
        yield f"target {target} cannot know that port before a run: {remedy}", "yellow"
    if missing:
        yield "a run needs what reads spans: pip install 'wedload[tracing]'", "yellow"
