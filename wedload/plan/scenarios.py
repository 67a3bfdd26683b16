"""The scenarios of a plan: what each executor needs, and that their workflows exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.expression import suggest

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan, Scenario
    from wedload.plan.positions import Path

#: executor -> the keys that it alone has
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "constant-vus": ("vus", "duration"),
    "ramping-vus": ("start_vus", "stages", "graceful_ramp_down"),
}
#: what runs once is a scenario of its own in results
_RESERVED: Final = frozenset({"setup", "teardown", "cleanup"})


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
        if name in _RESERVED:
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
    for index, (stage, name) in enumerate(zip(scenario.stages, stage_names(scenario), strict=True)):
        if stage.target < 0:
            message = f"is {stage.target}; it must be 0 or more"
            draft.report((*path, "stages", index, "target"), message)
        if name in seen and (*path, "stages", index) not in draft.pruned:
            draft.report(
                (*path, "stages", index),
                f'there are two stages "{name}"',
                "results are told apart by stage: give each its own name",
            )
        seen.add(name)


def _check_executor(draft: Draft, path: Path, scenario: Scenario) -> None:
    written = draft.written_keys(*path)
    executor = scenario.executor
    for other, keys in _KEYS.items():
        for key in keys:
            if other != executor and key in written:
                message = f"`{key}` belongs to {other}, and this scenario is {executor}"
                hint = f"{executor} has: {', '.join(_KEYS[executor])}"
                draft.report((*path, key), message, hint)
    if executor == "constant-vus":
        _check_constant(draft, path, scenario)
    else:
        _check_ramping(draft, path, scenario)


def _check_constant(draft: Draft, path: Path, scenario: Scenario) -> None:
    if scenario.vus is None:
        draft.report(path, "constant-vus needs `vus`", "write vus = 10")
    elif scenario.vus < 1:
        draft.report((*path, "vus"), f"is {scenario.vus}; it must be 1 or more")
    if scenario.duration is None:
        draft.report(path, "constant-vus needs `duration`", 'write duration = "1m"')
    elif scenario.duration == 0:
        draft.report((*path, "duration"), "must be longer than 0s")


def _check_ramping(draft: Draft, path: Path, scenario: Scenario) -> None:
    if not scenario.stages:
        hint = 'write stages = [ { duration = "1m", target = 10 } ]'
        draft.report(path, "ramping-vus needs `stages`", hint)
    elif not any(stage.duration for stage in scenario.stages):
        draft.report((*path, "stages"), "all stages last 0s: nothing would run")
    elif scenario.start_vus == 0 and not any(stage.target for stage in scenario.stages):
        draft.report((*path, "stages"), "no stage has a target above 0: nothing would run")
