"""What `wedload check` says of routes: where each leads, and which steps take it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.plan.uses import step_lists
from wedload.plan.verbs.http import HttpStep
from wedload.report.columns import BareTable
from wedload.report.explain_third_parties import add_line
from wedload.units import counted

if TYPE_CHECKING:
    from wedload.plan.model import Plan

#: methods that RFC 9110 section 9.2.1 calls safe: asked twice, they do no more than once
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def route_table(plan: Plan, target: str) -> BareTable:
    """Each route with its two ways; below it how its steps are sent, and what that may do."""
    table = BareTable()
    table.add_column(" route", ratio=1, no_wrap=True, overflow="ellipsis")
    for name, route in plan.routes.items():
        direct = route.direct or plan.targets[target].base_url or "the sandbox"
        table.add_row(Text(f" {name}"))
        add_line(table, f"via {route.via}")
        add_line(table, f"directly {direct}")
        steps = [
            one for _, steps in step_lists(plan) for one in steps
            if isinstance(one, HttpStep) and one.routes == name
        ]  # fmt: skip
        labels = ", ".join(one.label for one in steps)
        add_line(table, f"{counted(len(steps), 'step')} sent both ways, in random order: {labels}")
        if route.envoy is not None:
            add_line(table, f"retries and overflows are read from Envoy at {route.envoy}")
        for one in steps:
            if one.http.method not in _SAFE:
                words = f"{one.label}: a {one.http.method} is sent twice, and may do things twice"
                add_line(table, words, "yellow")
    return table
