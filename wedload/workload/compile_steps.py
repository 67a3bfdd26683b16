"""Steps: from what the plan says to what will run. What differs by verb is in `workload.verbs`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wedload.metrics.catalogue import Catalogue, Series
from wedload.workload.compiled import CloseGroup, CompiledCheck, OpenGroup
from wedload.workload.render_parts import json_value
from wedload.workload.request import split_url
from wedload.workload.verbs import COMPILERS
from wedload.workload.verbs.channels import open_expectations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.model import Plan, Target
    from wedload.plan.verbs.base import SampledStep, Step
    from wedload.plan.verbs.use import UseStep
    from wedload.workload.compiled import CompiledStep
    from wedload.workload.request import Origin


@dataclass(frozen=True, slots=True)
class HttpDestination:
    """Where requests go whose URL does not say it, and what they are sent with."""

    origin: Origin
    base_path: str  # the path of the target's base URL, without a slash at its end
    target: Target
    built_in_headers: dict[str, str]  # the last in rank

    def at(self, base_url: str | None) -> HttpDestination:
        """The same target at another base URL; None: at its own."""
        if base_url is None:
            return self
        origin, base_path = split_url(base_url)
        return replace(self, origin=origin, base_path=base_path.decode().rstrip("/"))


@dataclass(frozen=True, slots=True)
class StepCompiler:
    """Compiles the steps of one scenario (or of set-up or tear-down)."""

    plan: Plan
    destination: HttpDestination
    catalogue: Catalogue
    scenario: str
    judged: bool = True
    used: tuple[str, ...] = ()  # the workflows that `use` led through to these steps
    beside: tuple[Step, ...] = ()  # the list of steps that is being compiled
    route: str | None = None  # of a gateway, which these steps take

    def steps(
        self, steps: Sequence[Step], workflow: str | None, around: Sequence[str] = ()
    ) -> tuple[CompiledStep, ...]:
        """Compile steps in order, with the beginnings and ends of their groups between them.

        `around`: the groups that are open before the first of them, and stay open behind the last.
        """
        here = replace(self, beside=tuple(steps))
        compiled: list[CompiledStep] = []
        open_groups = list(around)
        for step in steps:
            path = _groups_of(step)
            shared = 0
            while shared < min(len(path), len(open_groups)) and path[shared] == open_groups[shared]:
                shared += 1
            compiled += [CloseGroup()] * (len(open_groups) - shared)
            del open_groups[shared:]
            for part in path[shared:]:
                open_groups.append(part)
                group = "/".join(open_groups)
                compiled.append(OpenGroup(self._series(workflow, group=group)))
            compiled.append(COMPILERS[step.verb](here, step, workflow))
        open_expectations(compiled)
        return (*compiled, *[CloseGroup()] * (len(open_groups) - len(around)))

    def used_steps(self, use: UseStep, workflow: str | None) -> tuple[CompiledStep, ...]:
        """The steps of another workflow, which count towards this one as well."""
        inside = replace(self, used=(*self.used, use.use))
        steps = [step.inside(use) for step in self.plan.workflows[use.use]]
        return inside.steps(steps, workflow, _groups_of(use))

    def guards(self, step: Step) -> dict[str, Any]:
        """What every compiled step has: the fields of `Guarded`."""
        return {
            "verb": step.verb,
            "name": step.label,
            "when": step.when.evaluate if step.when is not None else None,
            "let": tuple((name, json_value(value.value)) for name, value in step.let),
        }

    def sampled(self, step: SampledStep, workflow: str | None) -> dict[str, Any]:
        """What every compiled step with samples has: the fields of `Sampled`."""
        labels = _labels_of(step)
        return {
            **self.guards(step),
            "series": self._series(workflow, **labels),
            "captures": tuple((name, expression.evaluate) for name, expression in step.capture),
            "checks": tuple(
                CompiledCheck(
                    self._series(workflow, **labels, check=check.name),
                    check.name,
                    check.expression.evaluate,
                )
                for check in step.check
            ),
            "ends_iteration": step.on_failure == "end-iteration",
        }

    def reported(self, step: SampledStep, workflow: str | None, check: str) -> int:
        """The series of a check of a step that is no expression."""
        return self._series(workflow, **_labels_of(step), check=check)

    def compared(self, step: SampledStep, workflow: str | None, route: str) -> int:
        """The series of what the two ways of a step differ by."""
        return self._series(workflow, **{**_labels_of(step), "route": route})

    def _series(self, workflow: str | None, **labels: Any) -> int:
        labels = {"route": self.route, **labels}
        return self.catalogue.add_series(
            Series(self.scenario, workflow, judged=self.judged, used=self.used, **labels)
        )


def _labels_of(step: SampledStep) -> dict[str, Any]:
    return {
        "step": step.label,
        "verb": step.verb,
        "group": step.group,
        "tags": tuple(sorted(step.tags.items())),
        "channel": step.channel,
    }


def _groups_of(step: Step) -> list[str]:
    """The groups that a step is in, the outermost first."""
    return step.group.split("/") if step.group else []
