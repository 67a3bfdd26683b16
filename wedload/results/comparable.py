"""Which runs can be set beside each other, whoever does it. Pure.

Fit are valid, whole runs; alike are those that were asked for the same load of the same target. How
much of it the target took is a result, and no matter here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.headline import Headline
    from wedload.results.model import Result, RunFacts

#: what makes a run unfit: that it has only a part of its load, or no figures that can be trusted
Unfit = Literal["not complete", "interrupted", "aborted", "invalid"]
#: what is not the same in two runs
Difference = Literal["plan", "target", "time scale", "load", "schedule"]


def unfit(run: RunFacts, *, valid: bool) -> Iterator[Unfit]:
    """What forbids to set a run beside others."""
    if not run.complete:
        yield "not complete"
    elif run.interrupted:
        yield "interrupted"
    elif run.aborted_s is not None:
        yield "aborted"
    if not valid:
        yield "invalid"


def differences(
    one: Headline | Result, other: Headline | Result, *, same_plan: bool = False
) -> Iterator[Difference]:
    """What two runs were asked for differently; `same_plan`: the plan's name counts, too."""
    if same_plan and one.run.plan != other.run.plan:
        yield "plan"
    if one.run.target != other.run.target:
        yield "target"
    if one.run.time_scale != other.run.time_scale:
        yield "time scale"
    if one.run.load_hash != other.run.load_hash:
        yield "load"
    if one.run.time_scale == other.run.time_scale and _schedule(one) != _schedule(other):
        yield "schedule"


def _schedule(one: Headline | Result) -> tuple[Any, ...]:
    """What was asked for, whatever came of it; ms, so that rounding cannot differ."""
    stages = tuple(
        (
            stage.scenario, stage.stage, round(stage.begin_s, 3), round(stage.end_s, 3),
            stage.target_vus, stage.target_rate,
        )
        for stage in one.stages
    )  # fmt: skip
    return round(one.run.planned_s, 3), stages
