"""Routes past and through a gateway: that they lead somewhere, and which steps may take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wedload.plan.expressions.expression import suggest
from wedload.plan.routes import DIRECT, VIA
from wedload.plan.targets import wrong_base_url
from wedload.plan.uses import step_lists

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path
    from wedload.plan.routes import GatewayRoute
    from wedload.plan.verbs.http import HttpStep

_PORTS: Final = {"http": 80, "https": 443}


def check_routes(draft: Draft, plan: Plan) -> None:
    """Report routes that lead nowhere, to the same place, or that no step takes."""
    taken = {
        name for _, steps in step_lists(plan) for step in steps
        if (name := getattr(step, "routes", None)) is not None
    }  # fmt: skip
    for name, route in plan.routes.items():
        path: Path = ("routes", name)
        if draft.damaged(path):
            continue
        _check_urls(draft, path, route)
        if name in {DIRECT, VIA}:
            message = f'"{name}" is one of the two ways of any route, and cannot name one'
            draft.report(path, message, "name it after the gateway")
        elif name not in taken and not draft.damaged(("workflows",)):
            message = f'no step has routes = "{name}"'
            draft.report(path, message, "write it into the http steps that are to go both ways")
    if plan.routes and plan.http.connections == "per-iteration":
        message = "pairs are of connections that are warm, and these end with each iteration"
        draft.report(("http", "connections"), message, 'write connections = "per-vu"')


def _check_urls(draft: Draft, path: Path, route: GatewayRoute) -> None:
    for key in ("direct", "via", "envoy"):
        url = getattr(route, key)
        if url is not None and (wrong := wrong_base_url(url)) is not None:
            message = f'"{url}" {wrong}'.replace("a base_url", f"`{key}`")
            draft.report((*path, key), message, "write http://host:port")
            return
    if route.envoy is not None and urlsplit(route.envoy).scheme != "http":
        draft.report((*path, "envoy"), f'"{route.envoy}" is not an http URL, as admin has', None)
    if route.direct is not None and _place(route.direct) == _place(route.via):
        message = f'"{route.via}" is where `direct` leads: both ways are the same'
        draft.report((*path, "via"), message, "write where the gateway listens")


def _place(url: str) -> tuple[str, str | None, int | None, str]:
    """Where a base URL leads, however it is written."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], parts.path.rstrip("/")


def check_route_of(draft: Draft, path: Path, step: HttpStep) -> None:
    """Report a step that names no route, or that cannot be sent twice."""
    name = step.routes
    if name is None:
        return
    here: Path = (*path, "routes")
    known = draft.written_keys("routes")
    if name not in known and ("routes",) not in draft.pruned:
        near = suggest(name, known, lead="did you mean ")
        listed = f"routes: {', '.join(known)}" if known else f"write [routes.{name}]"
        draft.report(here, f'there is no route "{name}"', near or listed)
        return
    if (message := _unpaired(path, step)) is not None:
        draft.report(here, *message)


def _unpaired(path: Path, step: HttpStep) -> tuple[str, str] | None:
    """Why a step cannot be sent twice, and what to do; None: it can."""
    if path[0] != "workflows":
        return f"steps of [[{path[0]}]] are no load, and have no routes", "take it out"
    if "batch" in path:
        why = "requests of a batch are sent at once, and a pair one after the other"
        return why, "make it a step of its own"
    if not step.http.url.source.startswith("/"):
        why = f'"{step.http.url.source}" says where it goes, and a route would, too'
        return why, "write the path alone, /… : it goes below both base URLs"
    if step.cleanup is not None:
        why = "a step that creates something would create it twice, and undo both"
        return why, "measure a step that only reads, or take out `cleanup`"
    return None
