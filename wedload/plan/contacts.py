"""Where a plan leads: every host that it writes out, with its place. Pure.

What a template tells is known only when it is rendered, and asked of the target guard then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wedload.plan.fault_proxies import host_and_port
from wedload.plan.uses import step_lists
from wedload.plan.verbs.base import sampled_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.expressions.template import Template
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path


@dataclass(frozen=True, slots=True)
class Contact:
    """A host that a plan names."""

    path: Path
    what: str  # in words: `target local`, `channel room`
    url: str  # as it is shown: without a query, where secrets are
    host: str  # without brackets
    port: int | None  # None: that of the scheme


def contacts_of(plan: Plan, target: str) -> Iterator[Contact]:
    """Every host that a run of a plan against a target is known to contact, that target's first."""
    chosen = plan.targets[target]
    if chosen.base_url is not None:
        path = ("targets", target, "base_url")
        yield from _of_url(path, f"target {target}", chosen.base_url, chosen.base_url)
    own = chosen.proxy
    proxy = plan.http.proxy if own is None else own
    if proxy:
        where: Path = ("http", "proxy") if own is None else ("targets", target, "proxy")
        yield from _of_template(where, f"the proxy to target {target}", proxy.template)
    for name, identity in plan.identities.items():
        if identity.http is not None:
            path = ("identities", name, "http")
            yield from _of_template(path, f"identity {name}", identity.http.url)
    yield from contacts_of_channels(plan)
    for name, one in plan.proxies.items():
        if (address := host_and_port(one.upstream)) is not None:
            at: Path = ("proxies", name, "upstream")
            yield Contact(at, f"proxy {name}", one.upstream, *address)
    yield from contacts_of_routes(plan)
    yield from _of_databases(plan)
    yield from contacts_of_resources(plan)
    yield from contacts_of_monitoring(plan)
    yield from _of_steps(plan)


def contacts_of_routes(plan: Plan) -> Iterator[Contact]:
    """The hosts that the two ways of each route lead to, and that of its gateway's admin."""
    for name, route in plan.routes.items():
        for key in ("direct", "via", "envoy"):
            if (url := getattr(route, key)) is not None:
                yield from _of_url(("routes", name, key), f"route {name}, {key}", url, url)


def contacts_of_resources(plan: Plan) -> Iterator[Contact]:
    """The hosts that resources are sampled at."""
    resources = plan.resources
    if resources.prometheus is not None:
        yield from _of_template(("resources", "prometheus"), "Prometheus", resources.prometheus)
    for name, query in resources.queries:
        if query.dsn is not None:
            path: Path = ("resources", "queries", name)
            yield from _of_template(path, f"resource {name}", query.dsn.template)


def contacts_of_monitoring(plan: Plan) -> Iterator[Contact]:
    """The hosts of those who see a run while it lasts, and are told of it."""
    for below, template in () if plan.monitoring is None else plan.monitoring.urls():
        yield from _of_template(("monitoring", *below), f"monitoring, {below[0]}", template)


def contacts_of_channels(plan: Plan) -> Iterator[Contact]:
    """The hosts that subscribers of channels connect to, but for that of the target."""
    for name, channel in plan.channels.items():
        if channel.url is not None:
            yield from _of_template(("channels", name, "url"), f"channel {name}", channel.url)


def _of_databases(plan: Plan) -> Iterator[Contact]:
    """The hosts of databases that are not sockets or files of this machine."""
    for name, database in plan.databases.items():
        path: Path = ("databases", name, "dsn")
        if database.kind == "postgresql":
            yield from _of_template(path, f"database {name}", database.dsn.template)


def _of_steps(plan: Plan) -> Iterator[Contact]:
    for path, steps in step_lists(plan):
        for index, step in enumerate(steps):
            for here, sampled in sampled_steps(step, (*path, index)):
                for below, url in sampled.urls():
                    yield from _of_template((*here, *below), f'step "{sampled.label}"', url)


def _of_template(path: Path, what: str, template: Template) -> Iterator[Contact]:
    """The host of a URL, as far as it is written out."""
    first = template.parts[0] if template.parts else ""
    if not isinstance(first, str):
        return
    scheme, separator, rest = first.partition("://")
    if not separator:
        return  # below the base URL
    host = rest.partition("/")[0].partition("?")[0]
    if host == rest and len(template.parts) > 1:
        host = _of_parts(template)
    if host:
        yield from _of_url(path, what, template.source.partition("?")[0], f"{scheme}://{host}")


def _of_parts(template: Template) -> str:
    """Host and port of a URL whose user and password a template tells; empty: it tells more."""
    last = template.parts[-1]
    if not isinstance(last, str) or "@" not in last:
        return ""
    return last.rpartition("@")[2].partition("/")[0]


def _of_url(path: Path, what: str, shown: str, url: str) -> Iterator[Contact]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return  # whoever sends something there will say why
    if host:
        yield Contact(path, what, shown, host, port)
