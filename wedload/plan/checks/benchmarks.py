"""The benchmark table of a plan: that every row can have data.

A row that selects what the plan never does would be reported as "no data" after an hour's run;
here it is an error before the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.plan import not_yet
from wedload.plan.channel_metrics import OF_STEPS, REALTIME, WEBHOOK
from wedload.plan.checks.fault_rows import check_fault_rows, fault_values
from wedload.plan.checks.steps import DEEPEST_GROUP, DIMENSIONS
from wedload.plan.dependency_metrics import DEPENDENCY, OF_FAULTS
from wedload.plan.expressions.expression import suggest
from wedload.plan.fault_times import FAULT_DIMENSIONS, fault_spans
from wedload.plan.model import sign_in_label
from wedload.plan.row_times import check_row_times, end_of_schedule_ns
from wedload.plan.scenarios import ARRIVAL_EXECUTORS, stage_names
from wedload.plan.verbs import SAMPLED
from wedload.plan.verbs.base import sampled_steps
from wedload.plan.verbs.http import HttpStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.benchmark import Requirement
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan, Scenario
    from wedload.plan.verbs.base import SampledStep, Step

#: somewhere that samples come from: dimension -> the values that they can have there
Place = dict[str, frozenset[str]]

#: stands in a place for the verb of its step; no dimension
_VERB: Final = "verb of step"
#: in one of a step that says when its answer is a fallback; no dimension either
_FALLBACK: Final = "fallback of step"
_OF_FALLBACKS: Final = frozenset({"fallback_used", "fallback_duration"})
#: metric -> the verb whose steps have it, if not all have
_VERBS: Final = {
    metric.name: frozenset({step.verb, *(one.verb for one in SAMPLED if step.verb in one.sends_as)})
    for step in SAMPLED
    for metric in step.metrics
}
#: metric -> the kind of channel that has it
_KINDS: Final = {one.name: kind for kind, of in (("webhook", WEBHOOK), ("realtime", REALTIME))
                 for one in of}  # fmt: skip
_DEPENDENCY: Final = frozenset(one.name for one in DEPENDENCY)
#: metric -> what a plan must have for it to have a value
_GIVEN_BY: Final = {
    **dict.fromkeys(_OF_FALLBACKS, 'write fallback = "json.fallback_used" in an http step'),
    "retry_policy_kept": "write policy = { attempts = 3 } in the dependency",
    "quota_breaches": 'write quota = "600/1m" in the dependency',
}
_WORKFLOW_METRICS: Final = ("workflow_", "iteration", "interrupted_iterations")


def check_rows(draft: Draft, plan: Plan) -> None:
    """Report rows whose selectors fit nothing in the plan."""
    if ("scenarios",) in draft.pruned or ("workflows",) in draft.pruned:
        return
    places = _Places(plan)
    written = _words({key: value for key, value in draft.raw.items() if key != "benchmarks"})
    written |= set(map(sign_in_label, plan.identities))
    mistyped = any(len(path) == 1 for path in draft.pruned)  # tables, scenarios perhaps
    sound = not mistyped and all(map(draft.sound, _SOURCES))
    for name, row in plan.benchmarks.items():
        finding = _finding(row, places, sound=sound, written=written)
        if finding is not None:
            draft.report(("benchmarks", name), *finding)
    check_fault_rows(draft, plan)
    check_row_times(draft, plan, sound=not draft.damaged(("scenarios",)))


_SOURCES: Final = ("scenarios", "workflows", "setup", "teardown", "dependencies", "faults")


def _words(value: Any) -> set[str]:
    """Every text in a document: what a damaged part of it might have given a name to."""
    if isinstance(value, dict):
        return set(value).union(*map(_words, value.values()))
    if isinstance(value, list):
        numbers = {str(number) for number in range(1, len(value) + 1)}
        return numbers.union(*map(_words, value))
    return set(_paths(value)) if isinstance(value, str) else set()


def _paths(group: str) -> list[str]:
    """A group and those that it is in: `a/b` and `a`; of a text with more of them, only itself."""
    parts = group.split("/")
    if len(parts) > DEEPEST_GROUP:  # a body, or a path: all that it begins with would fill memory
        return [group]
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _finding(
    row: Requirement, places: _Places, *, sound: bool, written: set[str]
) -> tuple[str, str | None] | None:
    """What is wrong with a row, and the hint; None if nothing certainly is."""
    if row.metric in not_yet.ROWS:
        return not_yet.not_driven(f"a row about `{row.metric}`"), "take it out of the plan"
    if (message := _foregone(row)) is not None:
        return message, "the row would say nothing of the run"
    candidates = places.of(row)
    if sound and not candidates and row.metric in _GIVEN_BY:
        return f"nothing in this plan gives `{row.metric}` a value", _GIVEN_BY[row.metric]
    for key, value in row.where:
        if (wrong := _wrong_dimension(row, key, places)) is not None:
            if sound or key not in written:
                return wrong
            continue
        known = frozenset[str]().union(*(place.get(key, frozenset()) for place in candidates))
        if value not in known and (sound or value not in written):
            idle = places.idle_steps.get(value) if key == "step" else None
            near = suggest(value, known, lead="did you mean ")
            listed = f"known: {', '.join(sorted(known))}" if known else None
            hint = idle or near or listed
            return f'`{row.metric}` never has {key} "{value}" in this plan', hint
    if sound and not any(_fits(row, place) for place in candidates):
        if not row.where:
            return f"nothing in this plan gives `{row.metric}` a value", None
        listed = ", ".join(f"{key}={value}" for key, value in row.where)
        return f"nothing in this plan has all of {listed}", "the row would never have data"
    return None


#: metrics of which nothing is less than 1: an operation has an attempt
_FROM_ONE: Final = frozenset({"operation_attempts", "retry_amplification"})


def _foregone(row: Requirement) -> str | None:
    """Why a row is met, or missed, whatever is seen; None if it is not."""
    share = row.unit == "ratio" and row.kind == "rate"  # goodput may be more than expected
    least = 1 if row.metric in _FROM_ONE and row.aggregation != "count" else 0
    lowest, highest = row.threshold <= least, share and row.threshold == 1
    range_ = "between 0% and 100%" if share else f"at {least} or above"
    below = row.operator in {"<=", "=="} and row.threshold < least
    if below or (row.operator == "<" and lowest) or (row.operator == ">" and highest):
        return f"`{row.words}` can never hold: every value lies {range_}"
    if (row.operator == ">=" and lowest) or (row.operator == "<=" and highest):
        return f"`{row.words}` holds whatever happens: every value lies {range_}"
    return None


def _fits(row: Requirement, place: Place) -> bool:
    return all(value in place.get(key, ()) for key, value in row.where)


def _wrong_dimension(row: Requirement, key: str, places: _Places) -> tuple[str, str | None] | None:
    if key in not_yet.DIMENSIONS:
        return not_yet.not_driven(f"the selector `{key}`"), None
    everywhere = (*DIMENSIONS, *places.tags)
    if key not in everywhere:
        near = suggest(key, everywhere, lead="did you mean ")
        return f"there is no dimension or tag `{key}`", near or f"known: {', '.join(everywhere)}"
    here = sorted({dimension for place in places.of(row) for dimension in place})
    if here and key not in here:
        if row.metric in _DEPENDENCY and key not in FAULT_DIMENSIONS:
            message = f"`{row.metric}` has no {key}: a third party is asked by all scenarios alike"
            return message, f"it can be selected by {', '.join(here)}"
        listed = ", ".join(here)
        return f"`{row.metric}` has no {key} in this plan", f"it can be selected by {listed}"
    return None


#: executors that ask for no number of iterations
_NEVER_DROPPING: Final = ("constant-vus", "ramping-vus", "externally-controlled")


class _Places:
    """All places of a plan that samples come from, by kind."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._steps: list[Place] = []
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
        own = {_VERB, _FALLBACK, *DIMENSIONS}
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
        if metric in _DEPENDENCY:
            return self._dependencies(metric)
        if metric in OF_FAULTS:
            return [_only(place, _OF_FAULT) for place in self._workflows if "fault" in place]
        named = any(key in {"scenario", "step"} for key, _ in row.where)
        steps = [*self._steps, *self._aside] if named else self._steps
        steps = [one for one in steps if one[_VERB] <= _VERBS.get(metric, one[_VERB])]
        if metric in _OF_FALLBACKS:
            steps = [one for one in steps if _FALLBACK in one]
        if metric == "group_duration":
            return [_only(place, _GROUP) for place in steps if "group" in place]
        if metric == "checks":
            return [_without(place, _VERB, _FALLBACK) for place in steps if "check" in place]
        return [_without(place, "check", _VERB, _FALLBACK) for place in steps]

    def _channels(self, metric: str) -> list[Place]:
        """The places of a metric of channels: steps that expect something of one, or itself."""
        channels = self._plan.channels.items()
        names = frozenset(name for name, one in channels if one.kind == _KINDS[metric])
        if metric not in OF_STEPS:
            return [{"channel": frozenset({name})} for name in names]
        expecting = (one for one in self._steps if one.get("channel", frozenset()) & names)
        return [_without(place, "check", _VERB, _FALLBACK) for place in expecting]

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

    def _add(self, name: str, scenario: Scenario) -> None:
        begin_ns, end_ns = scenario.start_time, end_of_schedule_ns([scenario])
        where = {"scenario": frozenset({name}), **fault_values(self._spans, begin_ns, end_ns)}
        lasting = zip(stage_names(scenario), scenario.stages, strict=True)
        if stages := frozenset(stage for stage, of in lasting if of.duration):
            where["stage"] = stages
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


_GROUP: Final = ("scenario", "workflow", "stage", "group", *FAULT_DIMENSIONS)
_OF_FAULT: Final = ("scenario", "workflow", *FAULT_DIMENSIONS)


def _only(place: Place, keys: tuple[str, ...]) -> Place:
    return {key: place[key] for key in keys if key in place}


def _without(place: Place, *keys: str) -> Place:
    return {key: values for key, values in place.items() if key not in keys}


def _place(step: SampledStep, where: Place) -> Place:
    place = {**where, _VERB: frozenset({step.verb}), "step": frozenset({step.label})}
    if step.group is not None:
        place["group"] = frozenset(_paths(step.group))
    if isinstance(step, HttpStep) and step.fallback is not None:
        place[_FALLBACK] = frozenset({"yes"})
    if step.channel is not None:
        place["channel"] = frozenset({step.channel})
    if step.check_names:
        place["check"] = frozenset(step.check_names)
    return {**place, **{key: frozenset({value}) for key, value in step.tags.items()}}
