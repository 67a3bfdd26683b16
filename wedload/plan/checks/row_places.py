"""The places of a plan that samples come from, as rows of its benchmark table select them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.channel_metrics import OF_STEPS, REALTIME, WEBHOOK
from wedload.plan.checks.fault_rows import fault_values
from wedload.plan.checks.steps import DEEPEST_GROUP, DIMENSIONS
from wedload.plan.dependency_metrics import DEPENDENCY, OF_FAULTS
from wedload.plan.fault_times import FAULT_DIMENSIONS, fault_spans
from wedload.plan.model import sign_in_label
from wedload.plan.resource_metrics import KINDS_OF
from wedload.plan.resources import MACHINE
from wedload.plan.routes import DIRECT, OF_PAIRS, VIA
from wedload.plan.row_times import end_of_schedule_ns
from wedload.plan.scenarios import ARRIVAL_EXECUTORS, stage_names
from wedload.plan.verbs import SAMPLED
from wedload.plan.verbs.base import sampled_steps
from wedload.plan.verbs.http import HttpStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.benchmark import Requirement
    from wedload.plan.model import Plan, Scenario
    from wedload.plan.verbs.base import SampledStep, Step

#: somewhere that samples come from: dimension -> the values that they can have there
Place = dict[str, frozenset[str]]

#: stands in a place for the verb of its step; no dimension
_VERB: Final = "verb of step"
#: in one of a step that says when its answer is a fallback; no dimension either
_FALLBACK: Final = "fallback of step"
#: in one of a step that goes both ways of a route; no dimension either
_ROUTE: Final = "route of step"
OF_FALLBACKS: Final = frozenset({"fallback_used", "fallback_duration"})
#: metric -> the verb whose steps have it, if not all have
_VERBS: Final = {
    metric.name: frozenset({step.verb, *(one.verb for one in SAMPLED if step.verb in one.sends_as)})
    for step in SAMPLED
    for metric in step.metrics
}
#: metric -> the kind of channel that has it
_KINDS: Final = {one.name: kind for kind, of in (("webhook", WEBHOOK), ("realtime", REALTIME))
                 for one in of}  # fmt: skip
OF_DEPENDENCIES: Final = frozenset(one.name for one in DEPENDENCY)
_WORKFLOW_METRICS: Final = ("workflow_", "iteration", "interrupted_iterations")
#: executors that ask for no number of iterations
_NEVER_DROPPING: Final = ("constant-vus", "ramping-vus", "externally-controlled")


class Places:
    """All places of a plan that samples come from, by kind."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._steps: list[Place] = []
        self._scenarios: list[Place] = []
        self._workflows: list[Place] = []
        self._due: list[Place] = []  # iterations that have a due time
        self._dropping: list[Place] = []  # scenarios that may not run all that is due
        #: setup, teardown and cleanup: judged only by rows that name their scenario or step
        self._aside: list[Place] = []
        self._run: set[str] = set()  # workflows
        self._spans = fault_spans(plan.faults)
        for name, scenario in plan.scenarios.items():
            self._add(name, scenario)
        for name, steps in (("setup", plan.setup), ("teardown", plan.teardown)):
            where: Place = {"scenario": frozenset({name})}
            self._aside.extend(self._places(steps, where, frozenset(), where))
        everywhere = (*self._steps, *self._aside)
        own = {_VERB, _FALLBACK, _ROUTE, *DIMENSIONS}
        self.tags = sorted({key for place in everywhere for key in place if key not in own})

    @property
    def idle_steps(self) -> dict[str, str]:
        """Steps of workflows that nobody runs, each with a sentence that says so."""
        return {
            sampled.label: f"it is in the workflow {name}, which no scenario runs"
            for name, steps in self._plan.workflows.items() if name not in self._run
            for step in steps
            for _, sampled in sampled_steps(step)
        }  # fmt: skip

    def of(self, row: Requirement) -> list[Place]:
        """The places that give the metric of a row its samples."""
        metric = row.metric
        if metric == "iteration_lateness":
            return self._due
        if metric == "dropped_iterations":
            return self._dropping
        if metric.startswith(_WORKFLOW_METRICS):
            return self._workflows
        if metric in _KINDS:
            return self._channels(metric)
        if metric in OF_DEPENDENCIES:
            return self._dependencies(metric)
        if metric in KINDS_OF:
            return self._resources(metric)
        if metric in OF_FAULTS:
            return [_only(place, _OF_FAULT) for place in self._workflows if "fault" in place]
        named = any(key in {"scenario", "step"} for key, _ in row.where)
        steps = [*self._steps, *self._aside] if named else self._steps
        steps = [one for one in steps if one[_VERB] <= _VERBS.get(metric, one[_VERB])]
        if metric in OF_FALLBACKS:
            steps = [one for one in steps if _FALLBACK in one]
        if metric in OF_PAIRS:
            steps = [{**one, "route": one[_ROUTE]} for one in steps if _ROUTE in one]
        if metric == "group_duration":
            return [_only(place, _GROUP) for place in steps if "group" in place]
        if metric == "checks":
            return [_without(place, *_NO_DIMENSIONS) for place in steps if "check" in place]
        return [_without(place, "check", *_NO_DIMENSIONS) for place in steps]

    def _channels(self, metric: str) -> list[Place]:
        """The places of a metric of channels: steps that expect something of one, or itself."""
        channels = self._plan.channels.items()
        names = frozenset(name for name, one in channels if one.kind == _KINDS[metric])
        if metric not in OF_STEPS:
            return [{"channel": frozenset({name})} for name in names]
        expecting = (one for one in self._steps if one.get("channel", frozenset()) & names)
        return [_without(place, "check", *_NO_DIMENSIONS) for place in expecting]

    def _dependencies(self, metric: str) -> list[Place]:
        """The places of a metric of third parties: those that can have it."""
        end_ns = end_of_schedule_ns(self._plan.scenarios.values())
        faults = fault_values(self._spans, 0, end_ns)
        return [
            {"dependency": frozenset({name}), **faults}
            for name, one in self._plan.dependencies.items()
            if (metric != "retry_policy_kept" or one.policy is not None)
            and (metric != "quota_breaches" or one.quota or one.user_quota)
        ]

    def _resources(self, metric: str) -> list[Place]:
        """The places of a level: the resources that have it, in each scenario's stages."""
        kinds = {MACHINE: MACHINE, **{name: one.kind for name, one in self._plan.resources.queries}}
        names = [name for name, kind in kinds.items() if kind in KINDS_OF[metric]]
        return [
            {**scenario, "resource": frozenset({name})}
            for scenario in self._scenarios
            for name in names
        ]

    def _add(self, name: str, scenario: Scenario) -> None:
        begin_ns, end_ns = scenario.start_time, end_of_schedule_ns([scenario])
        where = {"scenario": frozenset({name}), **fault_values(self._spans, begin_ns, end_ns)}
        lasting = zip(stage_names(scenario), scenario.stages, strict=True)
        if stages := frozenset(stage for stage, of in lasting if of.duration):
            where["stage"] = stages
        self._scenarios.append(where)
        if scenario.executor not in _NEVER_DROPPING:
            self._dropping.append(where)
        for workflow in scenario.mix or filter(None, [scenario.workflow]):
            whole = {**where, "workflow": frozenset({workflow})}
            self._workflows.append(whole)
            if scenario.pace is not None or scenario.executor in ARRIVAL_EXECUTORS:
                self._due.append(whole)
            steps = self._plan.workflows.get(workflow, ())
            self._steps.extend(self._places(steps, whole, frozenset({workflow}), where))

    def _places(
        self, steps: tuple[Step, ...], where: Place, inside: frozenset[str], outside: Place
    ) -> Iterator[Place]:
        """The places of steps with samples; signing in is a step of no workflow (`outside`)."""
        self._run |= inside
        for step in steps:
            for used, _ in step.runs():
                if used not in inside:
                    inner = tuple(one.inside(step) for one in self._plan.workflows.get(used, ()))
                    yield from self._places(inner, where, inside | {used}, outside)
            for _, sampled in sampled_steps(step):
                yield _place(sampled, where)
                name = sampled.identity or ""
                identity = self._plan.identities.get(name)
                if identity is not None and identity.http is not None:
                    label = sign_in_label(name)
                    yield {**outside, _VERB: frozenset({"http"}), "step": frozenset({label})}


def groups_of(group: str) -> list[str]:
    """A group and those that it is in: `a/b` and `a`; of a text with more of them, only itself."""
    parts = group.split("/")
    if len(parts) > DEEPEST_GROUP:  # a body, or a path: all that it begins with would fill memory
        return [group]
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


_GROUP: Final = ("scenario", "workflow", "stage", "group", *FAULT_DIMENSIONS)
_OF_FAULT: Final = ("scenario", "workflow", *FAULT_DIMENSIONS)


_NO_DIMENSIONS: Final = (_VERB, _FALLBACK, _ROUTE)


def _only(place: Place, keys: tuple[str, ...]) -> Place:
    return {key: place[key] for key in keys if key in place}


def _without(place: Place, *keys: str) -> Place:
    return {key: values for key, values in place.items() if key not in keys}


def _place(step: SampledStep, where: Place) -> Place:
    place = {**where, _VERB: frozenset({step.verb}), "step": frozenset({step.label})}
    if step.group is not None:
        place["group"] = frozenset(groups_of(step.group))
    if isinstance(step, HttpStep) and step.fallback is not None:
        place[_FALLBACK] = frozenset({"yes"})
    if isinstance(step, HttpStep) and step.routes is not None:
        place["route"], place[_ROUTE] = frozenset({DIRECT, VIA}), frozenset({step.routes})
    if step.channel is not None:
        place["channel"] = frozenset({step.channel})
    if step.check_names:
        place["check"] = frozenset(step.check_names)
    return {**place, **{key: frozenset({value}) for key, value in step.tags.items()}}
