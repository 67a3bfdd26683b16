"""The steps of workflows, setup and teardown, and the identities they act as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan import not_yet
from wedload.plan.checks.rate_limits import check_shared_headers
from wedload.plan.checks.requests import check_auth, check_one_body, check_redirects
from wedload.plan.uses import step_lists
from wedload.plan.verbs.base import sampled_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.draft import Draft
    from wedload.plan.model import Identity, Plan
    from wedload.plan.positions import Path
    from wedload.plan.verbs import Step

#: dimensions that every sample has, or will have: no tag may have their name
DIMENSIONS: Final = (
    "scenario", "workflow", "step", "group", "stage", "check", "channel", "dependency",
    "fault", "before_fault", "after_fault", "route", "resource",
)  # fmt: skip
#: groups of one step within each other; each is a series of its own
DEEPEST_GROUP: Final = 50
_RESERVED: Final = not_yet.DIMENSIONS.union(DIMENSIONS)


def check_steps(draft: Draft, plan: Plan) -> None:
    """Report steps that cannot be driven, and what they name that does not exist."""
    check_redirects(draft, ("http", "redirects"), plan.http.redirects)
    check_shared_headers(draft, plan)
    for name, target in plan.targets.items():
        check_auth(draft, ("targets", name), target)
    for name, identity in plan.identities.items():
        _check_identity(draft, ("identities", name), identity)
        check_auth(draft, ("identities", name), identity)
    for path, steps in step_lists(plan):
        if path[0] == "workflows" and not steps and not draft.damaged(path):
            draft.report(path, "the workflow has no steps")
        for index, step in enumerate(steps):
            if (*path, index) not in draft.pruned:
                _check_step(draft, plan, (*path, index), step)
        _check_names(draft, path, steps)
    _check_recursion(draft, plan)


def _check_step(draft: Draft, plan: Plan, path: Path, step: Step) -> None:
    _check_tags(draft, path, step.tags)
    if step.group is not None and not all(map(str.strip, step.group.split("/"))):
        draft.report((*path, "group"), f'"{step.group}" names an empty group', 'write "a" or "a/b"')
    if step.group is not None and (deep := step.group.count("/") + 1) > DEEPEST_GROUP:
        message = f"is {deep:,} groups within each other, and {DEEPEST_GROUP} are the most"
        draft.report((*path, "group"), message)
    step.check_keys(draft, plan, path)
    for inner, held in step.held(path):
        _check_tags(draft, inner, draft.written_keys(*inner, "tags"))  # not those of the whole
        held.check_keys(draft, plan, inner)


def _check_tags(draft: Draft, path: Path, tags: Iterable[str]) -> None:
    for tag in tags:
        if tag in _RESERVED:
            draft.report(
                (*path, "tags", tag), f"`{tag}` cannot be a tag: all samples have it already"
            )


def _check_identity(draft: Draft, path: Path, identity: Identity) -> None:
    check_one_body(draft, path, ("json", "form"))
    if identity.http is None and not draft.damaged(path):
        for key in draft.written_keys(*path):
            if key in {"json", "form", "capture", "expires"}:
                draft.report((*path, key), f"`{key}` needs a request to sign in", "add http = …")


def _check_names(draft: Draft, path: Path, steps: tuple[Step, ...]) -> None:
    seen: dict[str, Path] = {}
    sampled = [
        one for index, step in enumerate(steps) for one in sampled_steps(step, (*path, index))
    ]
    for here, step in sampled:
        if draft.damaged((*here, step.verb)) or (*here, "name") in draft.pruned:
            continue
        name = step.label
        if name in seen:
            line = draft.positions.line(seen[name])
            draft.report(
                here,
                f'there are two steps "{name}" (the other is in line {line})',
                "results are told apart by step: give each its own name",
            )
        seen.setdefault(name, here)


def _check_recursion(draft: Draft, plan: Plan) -> None:
    """Report each `use` that closes a circle."""
    done: set[str] = set()
    for start in plan.workflows:
        _follow(draft, plan, start, [], done)


def _follow(draft: Draft, plan: Plan, name: str, through: list[str], done: set[str]) -> None:
    if name in done or name not in plan.workflows:
        return
    for index, step in enumerate(plan.workflows[name]):
        route = [*through, name]
        for used, _ in step.runs():
            if used in route:
                circle = " → ".join([*route[route.index(used) :], used])
                draft.report(
                    ("workflows", name, index, step.verb), f"the workflow uses itself: {circle}"
                )
            else:
                _follow(draft, plan, used, route, done)
    done.add(name)
