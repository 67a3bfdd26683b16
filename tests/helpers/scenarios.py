"""Scenarios of one workflow for tests of executors, and what happens beside their load."""

from __future__ import annotations

LOOK = """
[[workflows.visit]]
name = "look"
http = "GET /look"
"""


def scenario(executor: str, lines: str, steps: str = LOOK) -> str:
    """A scenario of this executor, with these lines of its own."""
    return f"""
[scenarios.main]
executor = "{executor}"
workflow = "visit"
{lines}
{steps}"""


def staged(executor: str, *stages: str, more: str = "", steps: str = LOOK) -> str:
    """One of stages, each `DURATION TARGET`."""
    written = ", ".join(
        f'{{ duration = "{duration}", target = {target} }}'
        for duration, target in (stage.split() for stage in stages)
    )
    return scenario(executor, f"stages = [{written}]\n{more}", steps)


def at(instant_s: float, act):
    """`act(run)` at an instant, beside the load."""

    async def during(run) -> None:
        await run.until(instant_s)
        act(run)

    return during
