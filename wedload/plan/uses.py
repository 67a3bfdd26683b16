"""Where a plan's expressions stand, and what each of them refers to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wedload.plan.bodies import FilePart
from wedload.plan.expressions.template import JsonTemplate, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.auth import Auth
    from wedload.plan.bodies import Parts
    from wedload.plan.channels import Channel
    from wedload.plan.cleanup import Cleanup
    from wedload.plan.expressions.expression import Expression, Reads
    from wedload.plan.fields import Check, RequestLine
    from wedload.plan.model import Identity, Plan
    from wedload.plan.monitoring import Monitoring
    from wedload.plan.positions import Path
    from wedload.plan.proxy import ProxyTemplate
    from wedload.plan.resources import Resources
    from wedload.plan.verbs import Step


@dataclass(frozen=True, slots=True)
class Use:
    """One expression or template of a plan."""

    path: Path
    reads: Reads
    response: bool = False  # is there a response that it may read?
    literal: str = ""  # of a URL: what of it is sent as it stands


def uses_of(plan: Plan) -> Iterator[Use]:
    """Every expression and template of a plan, each once.

    But for those of third parties, which can read nothing but the requests to them.
    """
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
    for name, channel in plan.channels.items():
        yield from of_messages(channel, ("channels", name))
        yield from of_channel(channel, ("channels", name))
    yield from of_databases(plan)
    yield from of_cleanup(plan.cleanup, ("cleanup",))
    yield from of_resources(plan.resources, ("resources",))
    yield from of_monitoring(plan.monitoring, ("monitoring",))
    for path, steps in step_lists(plan):
        for index, step in enumerate(steps):
            yield from step.uses((*path, index))
            for inner, held in step.held((*path, index)):
                yield from held.uses(inner)


def of_databases(plan: Plan) -> Iterator[Use]:
    """The addresses of databases."""
    for name, database in plan.databases.items():
        yield Use(("databases", name, "dsn"), database.dsn.template.reads)


def uses_against(plan: Plan, target: str) -> Iterator[Use]:
    """Those that have a part in a run against a target."""
    return (use for use in uses_of(plan) if _concerns(use.path, target, plan))


def _concerns(path: Path, target: str, plan: Plan) -> bool:
    if path == ("http", "proxy"):
        return plan.targets[target].proxy is None
    return path[0] != "targets" or path[1] == target


def env_names(plan: Plan) -> frozenset[str]:
    """The environment variables that some expression of a plan reads."""
    return frozenset().union(*(use.reads.env | use.reads.optional_env for use in uses_of(plan)))


def step_lists(plan: Plan) -> Iterator[tuple[Path, tuple[Step, ...]]]:
    """Setup, every workflow, and teardown."""
    yield ("setup",), plan.setup
    for name, steps in plan.workflows.items():
        yield ("workflows", name), steps
    yield ("teardown",), plan.teardown


def of_messages(channel: Channel, path: Path) -> Iterator[Use]:
    """The expressions of a channel that read its messages."""
    for key in ("key", "entity", "sequence"):
        expression: Expression | None = getattr(channel, key)
        if expression is not None:
            yield Use((*path, key), expression.reads, response=True)


def of_channel(channel: Channel, path: Path) -> Iterator[Use]:
    """The templates of a channel: of its address, its secrets and what its subscribers say."""
    for key in ("public_url", "url", "topic", "access_token", "subscribe"):
        template: Template | None = getattr(channel, key)
        if template is not None:
            yield Use((*path, key), template.reads)
    if channel.signature is not None and channel.signature.secret is not None:
        yield Use((*path, "signature", "secret"), channel.signature.secret.reads)
    yield from of_pairs(channel.headers, (*path, "headers"))
    yield from of_pairs(channel.params, (*path, "params"))
    for index, one in enumerate(channel.changes):
        if one.filter is not None:
            yield Use((*path, "changes", index, "filter"), one.filter.reads)


def of_cleanup(cleanup: Cleanup, path: Path) -> Iterator[Use]:
    """The expressions of a sweep."""
    if cleanup.sweep is not None:
        yield from of_request(cleanup.sweep, (*path, "sweep"))
    if cleanup.count is not None:
        yield Use((*path, "count"), cleanup.count.reads, response=True)


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


def of_resources(resources: Resources, path: Path) -> Iterator[Use]:
    """The expressions of the addresses that resources are sampled at."""
    if resources.prometheus is not None:
        yield Use((*path, "prometheus"), resources.prometheus.reads)
    for name, query in resources.queries:
        if query.dsn is not None:
            yield Use((*path, "queries", name), query.dsn.template.reads)


def of_monitoring(monitoring: Monitoring | None, path: Path) -> Iterator[Use]:
    """The expressions of the addresses and headers of those who are told of a run."""
    if monitoring is None:
        return
    for below, template in monitoring.templates():
        yield Use((*path, *below), template.reads)


def of_request(request: RequestLine, path: Path) -> Iterator[Use]:
    """The expressions of a request's URL."""
    yield from of_url(request.url, path)


def of_url(url: Template, path: Path) -> Iterator[Use]:
    """The expressions of a URL."""
    literal = " ".join(part for part in url.parts if isinstance(part, str))
    yield Use(path, url.reads, literal=literal)


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


def of_captures(captures: tuple[tuple[str, Expression], ...], path: Path) -> Iterator[Use]:
    """The expressions of captures."""
    for name, expression in captures:
        yield Use((*path, name), expression.reads, response=True)


def of_checks(checks: tuple[Check, ...], path: Path) -> Iterator[Use]:
    """The expressions of checks."""
    for index, check in enumerate(checks):
        key = index if check.name == check.expression.source else check.name
        yield Use((*path, key), check.expression.reads, response=True)


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
