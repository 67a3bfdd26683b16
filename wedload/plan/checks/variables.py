"""The variables of a plan: that each is set before it is read.

A step knows the plan's variables, what setup captured, what it and the steps before it bound
(`let`), and what those captured; also through `use`. A response can be read by the checks and
captures of its own step alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan.checks.databases import reads_rows
from wedload.plan.expressions.expression import NAMESPACES, RESPONSE_NAMES, VU_NAMES, suggest
from wedload.plan.expressions.language import RESULT_NAMES, ROW_NAMES
from wedload.plan.structure import keys_of
from wedload.plan.uses import (
    Use,
    of_auth,
    of_channel,
    of_cleanup,
    of_identity,
    of_json,
    of_pairs,
)
from wedload.plan.verbs.base import SampledStep, sampled_steps

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.verbs import Step


#: what other tools read variables and responses of
_OWNERS_OF_VARIABLES: Final = frozenset({"var", "variables", "vars"})
_OWNERS_OF_RESPONSES: Final = frozenset({"res", "resp", "response"})


#: how other tools write a variable into a URL
_OTHER_TEMPLATES: Final = re.compile(r"\{\{?\s*(\w+)\s*\}?\}|\$(\w+)")


@dataclass(frozen=True, slots=True)
class Known:
    """The variables known at a place; `open`: there may be others, in parts that are damaged."""

    names: frozenset[str]
    open: bool = False

    def plus(self, *names: str, open_: bool = False) -> Known:
        """With more names."""
        return Known(self.names | set(names), self.open or open_)


def check_names(draft: Draft, plan: Plan) -> None:
    """Report unknown variables, and responses that are read where there is none."""
    walk = _Walk(draft, plan)
    variables = walk.variables()
    for name, target in plan.targets.items():
        for use in of_pairs(target.headers, ("targets", name, "headers")):
            walk.check(use, variables)
        for use in of_auth(target.auth, ("targets", name, "auth")):
            walk.check(use, variables)
    for use in of_pairs(plan.http.headers, ("http", "headers")):
        walk.check(use, variables)
    walk.identities(variables)
    walk.steps(("setup",), plan.setup, variables)
    base = variables.plus(*walk.captured(("setup",), plan.setup), open_=draft.damaged(("setup",)))
    walk.steps(("teardown",), plan.teardown, base)
    for use in of_cleanup(plan.cleanup, ("cleanup",)):
        walk.check(use, base)
    for name, channel in plan.channels.items():
        for use in of_channel(channel, ("channels", name)):
            walk.check(use, base)
    for scenario in plan.scenarios.values():
        for workflow in (*scenario.mix, *([scenario.workflow] if scenario.workflow else ())):
            walk.workflow(workflow, base)
    for workflow in plan.workflows:
        if workflow not in walk.visited:  # whoever will use it may set more variables
            walk.workflow(workflow, base.plus(open_=True))


class _Walk:
    """Goes through steps in the order in which a virtual user does."""

    def __init__(self, draft: Draft, plan: Plan) -> None:
        self._draft = draft
        self._plan = plan
        self._users: list[str] = []  # the workflows that we are in, outermost first
        self._done: dict[tuple[Path, Known], Known] = {}
        self.visited: set[str] = set()

    def variables(self) -> Known:
        """Check the plan's variables: each may read those above it."""
        broken = ("variables",) in self._draft.pruned
        known = Known(frozenset(), open=broken)
        written = self._draft.written_keys("variables")
        for name in written:
            if name in self._plan.variables:
                for use in of_json(self._plan.variables[name], ("variables", name)):
                    self.check(use, known, later=frozenset(written))
            known = known.plus(name)
        return known

    def identities(self, variables: Known) -> None:
        for name, identity in self._plan.identities.items():
            path = ("identities", name)
            captured = self._draft.written_keys(*path, "capture")
            broken = self._draft.damaged((*path, "capture"))
            for use in of_identity(identity, path):
                own = use.path[2] in {"auth", "headers"}
                self.check(use, variables.plus(*captured, open_=broken) if own else variables)

    def workflow(self, name: str, known: Known) -> Known:
        """Go through a workflow; gives what is known behind it."""
        if name not in self._plan.workflows or name in self._users:
            return known.plus(open_=True)
        self.visited.add(name)
        self._users.append(name)
        behind = self.steps(("workflows", name), self._plan.workflows[name], known)
        self._users.pop()
        return behind

    def steps(self, path: Path, steps: tuple[Step, ...], known: Known) -> Known:
        """Go through steps in order; the same steps with the same names only once."""
        if (path, known) in self._done:
            return self._done[path, known]
        behind = known
        for index, step in enumerate(steps):
            behind = self._step((*path, index), step, behind)
        if path in self._draft.pruned:
            behind = behind.plus(open_=True)
        self._done[path, known] = behind
        return behind

    def _step(self, path: Path, step: Step, known: Known) -> Known:
        captured = self._draft.written_keys(*path, "capture")
        if self._has_unread_keys(path, step):
            bound = self._draft.written_keys(*path, "let")
            known = known.plus(*bound, *captured, open_=True)
        known = self._bind(path, step, known)
        for use in step.uses(path):
            part = use.path[len(path)]
            if part == "cleanup":
                self.check(use, known.plus(*captured))
            elif part != "let":
                self.check(use, known, later=frozenset(captured))
        for workflow, _ in step.runs():
            known = self.workflow(workflow, known)
        behind = known
        for inner, held in step.held(path):  # these do not know of each other
            done = self._step(inner, held, known)
            behind = behind.plus(*done.names, open_=done.open)
        return behind.plus(*captured) if isinstance(step, SampledStep) else behind

    def _bind(self, path: Path, step: Step, known: Known) -> Known:
        """Check the `let` of a step, in order; gives what is known behind it."""
        bound = dict(step.let)
        written = self._draft.written_keys(*path, "let")
        for name in written:
            if name in bound:
                for use in of_json(bound[name], (*path, "let", name)):
                    self.check(use, known, later=frozenset(written))
            known = known.plus(name)
        return known

    def _has_unread_keys(self, path: Path, step: Step) -> bool:
        known = set(keys_of(type(step))) - {"let", "capture"}
        return any(
            gone[: len(path)] == path and (len(gone) == len(path) or gone[len(path)] not in known)
            for gone in self._draft.pruned
        )

    def captured(self, path: Path, steps: tuple[Step, ...]) -> set[str]:
        """The names that steps capture or bind, also through `use`."""
        names: set[str] = set()
        for index, step in enumerate(steps):
            for key in ("capture", "let"):
                names.update(self._draft.written_keys(*path, index, key))
            for here, _ in sampled_steps(step, (*path, index)):
                names.update(self._draft.written_keys(*here, "capture"))
            for workflow, _ in step.runs():
                if workflow in self._users:
                    continue
                self._users.append(workflow)
                inner = self._plan.workflows.get(workflow, ())
                names |= self.captured(("workflows", workflow), inner)
                self._users.pop()
        return names

    def check(self, use: Use, known: Known, *, later: frozenset[str] = frozenset()) -> None:
        """Report what an expression reads and nobody has set; `later`: names set afterwards."""
        if not use.response:
            for name in sorted(use.reads.response):
                self._draft.report(
                    use.path,
                    f"`{name}` belongs to a response, and there is none here yet",
                    "only the checks and captures of a step see its response: capture it there",
                )
        for match in _OTHER_TEMPLATES.finditer(use.literal):
            if (name := match[1] or match[2]) in known.names:
                self._draft.report(
                    use.path,
                    f"{match[0]} is sent as it stands",
                    f"did you mean ${{{name}}}? (write %7B for a brace, %24 for a dollar sign)",
                )
        if known.open:
            return
        for name in sorted(use.reads.variables - known.names):
            hint = f"`{name}` is set here, but only afterwards" if name in later else None
            self._draft.report(
                use.path,
                f"there is no variable `{name}` here",
                hint or self._hint(name, known, self._of_response(use)),
            )

    def _of_response(self, use: Use) -> frozenset[str]:
        """The names that what came back is read by, where something came back."""
        if not use.response:
            return frozenset()
        return RESULT_NAMES if reads_rows(self._draft, use.path) else RESPONSE_NAMES - ROW_NAMES

    def _hint(self, name: str, known: Known, response: frozenset[str]) -> str | None:
        """What was meant; the names of a `response` can be read there too."""
        if name in _OWNERS_OF_VARIABLES:
            return "a variable stands alone: ${shop}, not ${vars.shop}"
        if name in _OWNERS_OF_RESPONSES:
            listed = ", ".join(sorted(response or RESPONSE_NAMES - ROW_NAMES))
            return f"what a response has stands alone: {listed}"
        others = VU_NAMES | NAMESPACES | response
        if near := suggest(name, (*sorted(known.names), *sorted(others)), lead="did you mean "):
            return near
        if len(self._users) > 1:
            return f"`{self._users[-2]}` uses this workflow without having set it"
        variables = ", ".join(sorted(known.names))
        if response:
            listed = f"known: {', '.join(sorted(response))}"
            return f"{listed}; variables: {variables}" if variables else listed
        return f"known: {variables}" if variables else None
