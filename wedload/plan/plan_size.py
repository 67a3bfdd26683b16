"""How large a plan may be: far beyond any that somebody wrote, and still checked within seconds.

Whoever goes on after these checks may do work that grows with the square of a number of tables, and
follow each `use` into the workflow that it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.errors import PlanError
from wedload.plan.positions import begins_as

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

#: of the file itself; long bodies are files of their own (`body_file`)
MOST_BYTES: Final = 2_000_000
MOST_VALUES: Final = 100_000
#: how many there may be of what is at a path
MOST_AT: Final[dict[Path, int]] = {
    ("targets",): 100,
    ("identities",): 100,
    ("data",): 100,
    ("variables",): 1_000,
    ("scenarios",): 100,
    ("scenarios", "*", "stages"): 1_000,
    ("scenarios", "*", "mix"): 500,
    ("workflows",): 500,
    ("workflows", "*"): 2_000,
    ("setup",): 2_000,
    ("teardown",): 2_000,
    ("channels",): 100,
    ("dependencies",): 100,
    ("dependencies", "*", "routes"): 500,
    ("proxies",): 100,
    ("faults",): 200,
    ("benchmarks",): 500,
    ("safety", "accept"): 1_000,
}
#: of any other table or list that is no data
MOST_ELSEWHERE: Final = 10_000
#: steps of a workflow, with those of the workflows that it uses, and how deep these are
MOST_STEPS: Final = 10_000
MOST_DEEP: Final = 20


def require_size(draft: Draft) -> None:
    """Look at how much there is of everything.

    Raises:
        PlanError: it is too much to go on with.
    """
    before, values = len(draft.problems), 0
    left: list[tuple[Path, Any]] = [((), draft.raw)]
    while left:
        path, value = left.pop()
        if not isinstance(value, dict | list):
            continue
        values += len(value)
        if len(value) > (most := _most_at(path)):
            draft.report(path, f"has {len(value):,} entries, and {most:,} are the most")
        items = value.items() if isinstance(value, dict) else enumerate(value)
        left += [((*path, key), item) for key, item in items]
    if values > MOST_VALUES:
        message = f"the plan has {values:,} values, and {MOST_VALUES:,} are the most"
        draft.report((), message, "put what is data into a data file")
    if len(draft.problems) > before:
        raise PlanError(draft.problems)


def _most_at(path: Path) -> int:
    for place, most in MOST_AT.items():
        if len(place) == len(path) and begins_as(path, place):
            return most
    return MOST_ELSEWHERE


def require_steps(draft: Draft, plan: Plan) -> None:
    """Look at how much each workflow is with those that it uses; circles are found elsewhere.

    Raises:
        PlanError: it is too much to follow.
    """
    before = len(draft.problems)
    known: dict[str, tuple[int, int]] = {}
    for name in plan.workflows:
        steps, deep = _extent(plan, name, known)
        if steps > MOST_STEPS:
            message = f"has {steps:,} steps, in workflows that it uses; {MOST_STEPS:,} are the most"
            draft.report(("workflows", name), message, "use `repeat`")
        elif deep > MOST_DEEP:
            message = f"uses workflows {deep} deep; {MOST_DEEP} are the most"
            draft.report(("workflows", name), message)
    if len(draft.problems) > before:
        raise PlanError(draft.problems)


def _extent(plan: Plan, first: str, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Steps of a workflow with all that it uses, and how deep these are; no recursion."""
    left, open_ = [first], set()
    while left:
        name = left[-1]
        used = [
            inner for step in plan.workflows[name] for inner, _ in step.runs()
            if inner in plan.workflows
        ]  # fmt: skip
        todo = [one for one in used if one not in known and one not in open_]
        if todo and name not in open_:
            open_.add(name)
            left += todo
            continue
        left.pop()
        open_.discard(name)
        extents = [known.get(one, (0, 0)) for one in used]  # of a circle: what is known
        steps = len(plan.workflows[name]) + sum(steps for steps, _ in extents)
        known[name] = (steps, 1 + max((deep for _, deep in extents), default=0))
    return known[first]
