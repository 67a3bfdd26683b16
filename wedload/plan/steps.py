"""The steps of workflows, setup and teardown, and the identities they act as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.expression import suggest
from wedload.plan.model import BatchStep, HttpStep, UseStep
from wedload.plan.scenarios import check_workflow_name
from wedload.plan.uses import discards_body, of_step, requests_of, step_lists, step_name

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Identity, Plan, Step, Target
    from wedload.plan.positions import Path

_MOST_REDIRECTS: Final = 50
#: names of a response that read its body
_OF_BODY: Final = frozenset({"body", "json", "text"})
#: dimensions that every sample has, or will have: no tag may have their name
DIMENSIONS: Final = ("scenario", "workflow", "step", "group", "stage", "check")
_RESERVED: Final = frozenset({*DIMENSIONS, "status", "outcome", "fault", "channel", "dependency"})


def check_steps(draft: Draft, plan: Plan) -> None:
    """Report steps that cannot be driven, and what they name that does not exist."""
    check_redirects(draft, ("http", "redirects"), plan.http.redirects)
    for name, target in plan.targets.items():
        _check_auth(draft, ("targets", name), target)
    for name, identity in plan.identities.items():
        _check_identity(draft, ("identities", name), identity)
        _check_auth(draft, ("identities", name), identity)
    for path, steps in step_lists(plan):
        if path[0] == "workflows" and not steps and not draft.damaged(path):
            draft.report(path, "the workflow has no steps")
        for index, step in enumerate(steps):
            if (*path, index) not in draft.pruned:
                _check_step(draft, (*path, index), step)
                for inner, request in requests_of(step, (*path, index)):
                    if inner not in draft.pruned and discards_body(request, plan.http):
                        _check_discarded(draft, inner, request)
        _check_names(draft, path, steps)
    _check_recursion(draft, plan)


def check_redirects(draft: Draft, path: Path, redirects: int | None) -> None:
    """Report a number of redirects that is out of range."""
    if redirects is not None and not 0 <= redirects <= _MOST_REDIRECTS:
        draft.report(path, f"is {redirects}; it must be from 0 to {_MOST_REDIRECTS}")


def _check_tags(draft: Draft, path: Path, step: Step) -> None:
    for tag in step.tags:
        if tag in _RESERVED:
            draft.report(
                (*path, "tags", tag), f"`{tag}` cannot be a tag: all samples have it already"
            )


def _check_step(draft: Draft, path: Path, step: Step) -> None:
    _check_tags(draft, path, step)
    if step.group is not None and not all(map(str.strip, step.group.split("/"))):
        draft.report((*path, "group"), f'"{step.group}" names an empty group', 'write "a" or "a/b"')
    for inner, request in requests_of(step, path):
        _check_http(draft, inner, request)
    if isinstance(step, BatchStep):
        _check_batch(draft, path, step)
    elif isinstance(step, UseStep):
        check_workflow_name(draft, (*path, "use"), step.use)
        if step.repeat < 1:
            draft.report((*path, "repeat"), f"is {step.repeat}; it must be 1 or more")


def _check_batch(draft: Draft, path: Path, step: BatchStep) -> None:
    if not step.batch and not draft.damaged((*path, "batch")):
        draft.report((*path, "batch"), "the batch has no requests")
    for index, request in enumerate(step.batch):
        _check_tags(draft, (*path, "batch", index), request)


def _check_auth(draft: Draft, path: Path, of: Target | Identity | HttpStep) -> None:
    named = [name for name, _ in of.headers if name.lower() == "authorization"]
    if of.auth is not None and named:
        draft.report((*path, "auth"), f"there is a header {named[0]} too", "take out one of them")


def _check_http(draft: Draft, path: Path, step: HttpStep) -> None:
    _check_auth(draft, path, step)
    check_redirects(draft, (*path, "redirects"), step.redirects)
    _check_one_body(draft, path, ("json", "form", "body", "multipart", "body_file"))
    known = draft.written_keys("identities")
    if step.as_ is not None and step.as_ not in known and ("identities",) not in draft.pruned:
        listed = f"identities: {', '.join(known)}" if known else f"write [identities.{step.as_}]"
        near = suggest(step.as_, known, lead="did you mean ")
        draft.report((*path, "as"), f'there is no identity "{step.as_}"', near or listed)


def _check_discarded(draft: Draft, path: Path, step: HttpStep) -> None:
    """Report what reads the body of a response that is thrown away."""
    where = "this step" if step.discard_body else "[http]"
    for use in of_step(step, path):
        for name in sorted(use.reads.response & _OF_BODY) if use.response else ():
            draft.report(
                use.path,
                f"`{name}` is of the body, and {where} says discard_body = true",
                "write discard_body = false into the step",
            )


def _check_one_body(draft: Draft, path: Path, kinds: tuple[str, ...]) -> None:
    bodies = [key for key in draft.written_keys(*path) if key in kinds]
    if len(bodies) > 1:
        draft.report(
            (*path, bodies[1]), f"a request has one body, and this has {' and '.join(bodies)}"
        )


def _check_identity(draft: Draft, path: Path, identity: Identity) -> None:
    _check_one_body(draft, path, ("json", "form"))
    if identity.http is None and not draft.damaged(path):
        for key in draft.written_keys(*path):
            if key in {"json", "form", "capture", "expires"}:
                draft.report((*path, key), f"`{key}` needs a request to sign in", "add http = …")


def _check_names(draft: Draft, path: Path, steps: tuple[Step, ...]) -> None:
    seen: dict[str, Path] = {}
    requests = [
        one for index, step in enumerate(steps) for one in requests_of(step, (*path, index))
    ]
    for here, step in requests:
        if draft.damaged((*here, "http")) or (*here, "name") in draft.pruned:
            continue
        name = step_name(step)
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
        if not isinstance(step, UseStep):
            continue
        route = [*through, name]
        if step.use in route:
            circle = " → ".join([*route[route.index(step.use) :], step.use])
            draft.report(("workflows", name, index, "use"), f"the workflow uses itself: {circle}")
        else:
            _follow(draft, plan, step.use, route, done)
    done.add(name)
