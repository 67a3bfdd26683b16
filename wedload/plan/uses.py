"""Where a plan's expressions stand, and what each of them refers to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from wedload.plan.bodies import FilePart
from wedload.plan.model import BatchStep, HttpStep
from wedload.plan.template import JsonTemplate, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.auth import Auth
    from wedload.plan.bodies import Parts
    from wedload.plan.expression import Expression, Reads
    from wedload.plan.fields import RequestLine
    from wedload.plan.model import HttpDefaults, Identity, Plan, Step
    from wedload.plan.positions import Path
    from wedload.plan.proxy import ProxyTemplate


@dataclass(frozen=True, slots=True)
class Use:
    """One expression or template of a plan."""

    path: Path
    reads: Reads
    response: bool = False  # is there a response that it may read?


def step_name(step: HttpStep) -> str:
    """What an http step is called in results: its name, or its verb's text."""
    return step.name or f"{step.http.method} {step.http.url.source}"


def discards_body(step: HttpStep, http: HttpDefaults) -> bool:
    """Whether the body of a step's response is thrown away as it comes."""
    return http.discard_body if step.discard_body is None else step.discard_body


def uses_of(plan: Plan) -> Iterator[Use]:
    """Every expression and template of a plan, each once."""
    for name, value in plan.variables.items():
        yield from of_json(value, ("variables", name))
    for name, target in plan.targets.items():
        yield from of_pairs(target.headers, ("targets", name, "headers"))
        yield from of_auth(target.auth, ("targets", name, "auth"))
        yield from of_proxy(target.proxy, ("targets", name, "proxy"))
    yield from of_proxy(plan.http.proxy, ("http", "proxy"))
    yield from of_pairs(plan.http.headers, ("http", "headers"))
    for name, identity in plan.identities.items():
        yield from of_identity(identity, ("identities", name))
    for path, steps in step_lists(plan):
        for index, step in enumerate(steps):
            yield from of_step(step, (*path, index))
            if isinstance(step, BatchStep):
                for inner, request in requests_of(step, (*path, index)):
                    yield from of_step(request, inner)


def requests_of(step: Step, path: Path) -> Iterator[tuple[Path, HttpStep]]:
    """The http steps that a step is or holds, each with its path.

    The requests of a batch have its group, and its tags besides their own.
    """
    if isinstance(step, HttpStep):
        yield path, step
    elif isinstance(step, BatchStep):
        for index, request in enumerate(step.batch):
            tags = {**step.tags, **request.tags}
            yield (*path, "batch", index), replace(request, group=step.group, tags=tags)


def step_lists(plan: Plan) -> Iterator[tuple[Path, tuple[Step, ...]]]:
    """Setup, every workflow, and teardown."""
    yield ("setup",), plan.setup
    for name, steps in plan.workflows.items():
        yield ("workflows", name), steps
    yield ("teardown",), plan.teardown


def of_step(step: Step, path: Path) -> Iterator[Use]:
    """The expressions of a step, in the order in which they are evaluated."""
    for name, value in step.let:
        yield from of_json(value, (*path, "let", name))
    if step.when is not None:
        yield Use((*path, "when"), step.when.reads)
    if isinstance(step, HttpStep):
        yield from of_request(step.http, (*path, "http"))
        yield from of_pairs(step.headers, (*path, "headers"))
        yield from of_auth(step.auth, (*path, "auth"))
        yield from of_pairs(step.query, (*path, "query"))
        yield from of_body(step.json, step.form, path)
        if step.body is not None:
            yield Use((*path, "body"), step.body.reads)
        yield from of_multipart(step.multipart or (), (*path, "multipart"))
        yield from of_captures(step.capture, (*path, "capture"))
        for index, check in enumerate(step.check):
            key = index if check.name == check.expression.source else check.name
            yield Use((*path, "check", key), check.expression.reads, response=True)
        if step.cleanup is not None:
            yield from of_request(step.cleanup, (*path, "cleanup"))


def of_identity(identity: Identity, path: Path) -> Iterator[Use]:
    """The expressions of an identity."""
    if identity.http is not None:
        yield from of_request(identity.http, (*path, "http"))
    yield from of_body(identity.json, identity.form, path)
    yield from of_captures(identity.capture, (*path, "capture"))
    yield from of_pairs(identity.headers, (*path, "headers"))
    yield from of_auth(identity.auth, (*path, "auth"))


def of_auth(auth: Auth | None, path: Path) -> Iterator[Use]:
    """The expressions of credentials."""
    for below, reads in auth.reads() if auth is not None else ():
        yield Use((*path, *below), reads)


def of_proxy(proxy: ProxyTemplate | Literal[False] | None, path: Path) -> Iterator[Use]:
    """The expressions of a proxy's address."""
    if proxy:
        yield Use(path, proxy.template.reads)


def of_request(request: RequestLine, path: Path) -> Iterator[Use]:
    """The expressions of a URL."""
    yield Use(path, request.url.reads)


def of_body(
    json: JsonTemplate | None, form: tuple[tuple[str, Template], ...] | None, path: Path
) -> Iterator[Use]:
    """The expressions of a JSON or form body."""
    if json is not None:
        yield from of_json(json, (*path, "json"))
    yield from of_pairs(form or (), (*path, "form"))


def of_multipart(parts: Parts, path: Path) -> Iterator[Use]:
    """The expressions of a multipart body."""
    for name, part in parts:
        if isinstance(part, FilePart):
            yield Use((*path, name, "name"), part.name.reads)
        else:
            yield Use((*path, name), part.reads)


def files_of(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Every file that requests send, and where the plan names it."""
    for path, steps in step_lists(plan):
        for index, step in enumerate(steps):
            for inner, request in requests_of(step, (*path, index)):
                yield from _files(request, inner)


def _files(step: HttpStep, path: Path) -> Iterator[tuple[Path, str]]:
    if step.body_file is not None:
        yield (*path, "body_file"), step.body_file
    for name, part in step.multipart or ():
        if isinstance(part, FilePart):
            yield (*path, "multipart", name, "file"), part.file


def of_captures(captures: tuple[tuple[str, Expression], ...], path: Path) -> Iterator[Use]:
    """The expressions of captures."""
    for name, expression in captures:
        yield Use((*path, name), expression.reads, response=True)


def of_pairs(pairs: tuple[tuple[str, Template], ...], path: Path) -> Iterator[Use]:
    """The expressions of headers, query or form fields."""
    for name, template in pairs:
        yield Use((*path, name), template.reads)


def of_json(json: JsonTemplate, path: Path) -> Iterator[Use]:
    """The expressions of a JSON value, each with its path in it."""
    yield from _of_value(json.value, path)


def _of_value(value: Any, path: Path) -> Iterator[Use]:
    if isinstance(value, Template):
        yield Use(path, value.reads)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _of_value(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of_value(item, (*path, index))
