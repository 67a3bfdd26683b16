"""The scenarios of a plan: what each executor needs, and that their workflows exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.expressions.expression import suggest
from wedload.plan.rate import Rate

if TYPE_CHECKING:
    from fractions import Fraction

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan, Scenario
    from wedload.plan.positions import Path

#: executors of an open load
ARRIVAL_EXECUTORS: Final = ("constant-arrival-rate", "ramping-arrival-rate")
_ARRIVALS: Final = ("time_unit", "max_vus", "on_saturation", "arrivals")
#: executor -> the keys that not every executor has
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "constant-vus": ("vus", "duration", "pace"),
    "ramping-vus": ("start_vus", "stages", "graceful_ramp_down", "pace"),
    "constant-arrival-rate": ("rate", "duration", *_ARRIVALS),
    "ramping-arrival-rate": ("start_rate", "stages", *_ARRIVALS),
    "per-vu-iterations": ("vus", "iterations", "max_duration", "pace"),
    "shared-iterations": ("vus", "iterations", "max_duration", "pace"),
    "externally-controlled": ("vus", "max_vus", "duration", "graceful_ramp_down", "pace"),
}
_STAGES: Final = 'stages = [ { duration = "1m", target = 10 } ]'
#: executor -> the keys that it must have, with how they are written
_REQUIRED: Final[dict[str, dict[str, str]]] = {
    "constant-vus": {"vus": "vus = 10", "duration": 'duration = "1m"'},
    "ramping-vus": {"stages": _STAGES},
    "constant-arrival-rate": {"rate": 'rate = "40/s"', "duration": 'duration = "1m"'},
    "ramping-arrival-rate": {"stages": 'stages = [ { duration = "1m", target = "40/s" } ]'},
    "per-vu-iterations": {"vus": "vus = 10", "iterations": "iterations = 5"},
    "shared-iterations": {"vus": "vus = 10", "iterations": "iterations = 100"},
    "externally-controlled": {"vus": "vus = 10", "duration": 'duration = "1h"'},
}
SETUP, TEARDOWN, CLEANUP = "setup", "teardown", "cleanup"
#: what is no part of the load is a scenario of its own in results
OUTSIDE_LOAD: Final = frozenset({SETUP, TEARDOWN, CLEANUP})


def stage_names(scenario: Scenario) -> list[str]:
    """The names of its stages; those without one are numbered from 1 by their position."""
    return [stage.name or str(number) for number, stage in enumerate(scenario.stages, start=1)]


def check_scenarios(draft: Draft, plan: Plan) -> None:
    """Report scenarios that cannot be driven."""
    if not plan.scenarios and not draft.damaged(("scenarios",)):
        draft.report(("scenarios",), "the plan has no scenario", "write [scenarios.NAME]")
    for name, scenario in plan.scenarios.items():
        path = ("scenarios", name)
        if path in draft.pruned:
            continue
        if name in OUTSIDE_LOAD:
            draft.report(path, f"no scenario can be called `{name}`: results have one of this name")
        sound = not draft.damaged(path)
        _check_workflows(draft, path, scenario)
        _check_limits(draft, path, scenario)
        if sound:
            _check_executor(draft, path, scenario)


def _check_workflows(draft: Draft, path: Path, scenario: Scenario) -> None:
    written = draft.written_keys(*path)
    if "workflow" in written and "mix" in written:
        draft.report((*path, "mix"), "a scenario has either workflow or mix, not both")
    elif "workflow" not in written and "mix" not in written and not draft.damaged(path):
        draft.report(path, "needs a workflow", 'write workflow = "NAME", or mix = { NAME = 70, … }')
    if scenario.workflow is not None:
        check_workflow_name(draft, (*path, "workflow"), scenario.workflow)
    if "mix" in written and not scenario.mix and not draft.damaged((*path, "mix")):
        draft.report((*path, "mix"), "names no workflow", "write mix = { NAME = 70, OTHER = 30 }")
    for workflow, weight in scenario.mix.items():
        check_workflow_name(draft, (*path, "mix", workflow), workflow)
        if weight <= 0:
            draft.report((*path, "mix", workflow), f"the weight is {weight}; it must be above 0")


def check_workflow_name(draft: Draft, path: Path, name: str) -> None:
    """Report a workflow that does not exist."""
    known = draft.written_keys("workflows")
    if name not in known and ("workflows",) not in draft.pruned:
        listed = f"workflows: {', '.join(known)}" if known else "write [[workflows.NAME]]"
        near = suggest(name, known, lead="did you mean ")
        draft.report(path, f'there is no workflow "{name}"', near or listed)
        draft.pruned.add(path)  # what it would have done is not known


def _check_limits(draft: Draft, path: Path, scenario: Scenario) -> None:
    if scenario.start_vus < 0:
        draft.report((*path, "start_vus"), f"is {scenario.start_vus}; it must be 0 or more")
    seen: set[str] = set()
    for index, name in enumerate(stage_names(scenario)):
        if name in seen and (*path, "stages", index) not in draft.pruned:
            draft.report(
                (*path, "stages", index),
                f'there are two stages "{name}"',
                "results are told apart by stage: give each its own name",
            )
        seen.add(name)


def _check_executor(draft: Draft, path: Path, scenario: Scenario) -> None:
    executor = scenario.executor
    own = _KEYS[executor]
    for key in draft.written_keys(*path):
        others = [other for other, keys in _KEYS.items() if key in keys]
        if others and key not in own:
            listed = " and ".join(filter(None, [", ".join(others[:-1]), others[-1]]))
            message = f"`{key}` belongs to {listed}, and this scenario is {executor}"
            draft.report((*path, key), message, f"{executor} has: {', '.join(own)}")
    for key, example in _REQUIRED[executor].items():
        if key not in draft.written_keys(*path):
            draft.report(path, f"{executor} needs `{key}`", f"write {example}")
    for key in ("vus", "max_vus", "iterations"):
        number = getattr(scenario, key)
        if key in own and number is not None and number < 1:
            draft.report((*path, key), f"is {number}; it must be 1 or more")
    if scenario.duration == 0:
        draft.report((*path, "duration"), "must be longer than 0s")
    if scenario.rate is not None and not scenario.rate.arrivals:
        draft.report((*path, "rate"), "must be above 0")
    if "stages" in own:
        _check_stages(draft, path, scenario)
    if executor == "shared-iterations":
        _check_shared(draft, path, scenario)
    if executor == "externally-controlled" and (scenario.vus or 0) > scenario.max_vus:
        message = f"is {scenario.vus}, and max_vus is {scenario.max_vus}"
        draft.report((*path, "vus"), message, "raise max_vus, or start with fewer")


def _check_stages(draft: Draft, path: Path, scenario: Scenario) -> None:
    """Report stages in which nothing would run, and targets of another kind of load."""
    if not scenario.stages:
        if "stages" in draft.written_keys(*path):
            example = _REQUIRED[scenario.executor]["stages"]
            draft.report((*path, "stages"), "is empty: nothing would run", f"write {example}")
        return
    of_vus = scenario.executor == "ramping-vus"
    for index, stage in enumerate(scenario.stages):
        where = (*path, "stages", index, "target")
        if of_vus and isinstance(stage.target, Rate):
            found = (
                "a rate" if stage.target.per_ns is not None else f"{float(stage.target.arrivals):g}"
            )
            draft.report(where, f"expected a whole number of virtual users, found {found}")
        elif isinstance(stage.target, int) and stage.target < 0:
            draft.report(where, f"is {stage.target}; it must be 0 or more")
    start = scenario.start_vus if of_vus else scenario.start_rate.arrivals
    if not any(stage.duration for stage in scenario.stages):
        draft.report((*path, "stages"), "all stages last 0s: nothing would run")
    elif not start and not any(_amount(stage.target) for stage in scenario.stages):
        draft.report((*path, "stages"), "no stage has a target above 0: nothing would run")


def _amount(target: int | Rate) -> int | Fraction:
    return target.arrivals if isinstance(target, Rate) else target


def _check_shared(draft: Draft, path: Path, scenario: Scenario) -> None:
    if (scenario.vus or 0) > (scenario.iterations or 0) > 0:
        draft.report(
            (*path, "vus"),
            f"is {scenario.vus}, and there are {scenario.iterations} iterations to share",
            "virtual users without an iteration would do nothing: take fewer of them",
        )
