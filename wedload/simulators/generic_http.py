"""A third party that the plan describes: routes, and what each answers. Pure.

The first route that matches wins. `*` in a path stands for one segment; a query does not matter.
What a template reads and a request does not have is an error of the request: 400.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import orjson

from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.simulators.request_scope import RequestScope, filled, filled_text
from wedload.simulators.service import (
    JSON,
    OTHER,
    Call,
    Headers,
    QuotaScope,
    Reply,
    json_reply,
    wrong,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from wedload.plan.third_parties import Route
    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request

_ANY: Final = "*"
_FIRST_ERROR: Final = 400
#: methods that change nothing (RFC 9110, section 9.2.1)
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(slots=True)
class GenericHttp:
    """What a plan's `routes` say."""

    routes: Sequence[Route]
    env: Mapping[str, str] = field(default_factory=dict)
    tells_retry_after: bool = True
    quota_status: int = 429
    _paths: list[tuple[str, tuple[str, ...], str, Route]] = field(init=False)

    def __post_init__(self) -> None:
        self._paths = []
        for route in self.routes:
            path = (route.http.url.literal or route.http.url.source).partition("?")[0]
            segments = tuple(unquote(part) for part in path.strip("/").split("/"))
            self._paths.append((route.http.method, segments, f"{route.http.method} {path}", route))

    def call(self, request: Request) -> Call:
        """Which route it is."""
        found = self._find(request)
        if found is None:
            return Call(request, OTHER, known=False)
        endpoint, route = found
        reads = request.method in _READING
        return Call(request, endpoint, latency=route.latency, reads=reads)

    def answer(self, call: Call, now_ns: int, ready_ns: int, rng: random.Random) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        found = self._find(call.request)
        if found is None:
            message = f"no route for {call.request.method} {call.request.path[:200]}"
            return wrong(404, {"error": message})
        _, route = found
        scope = RequestScope(self.env, rng)
        scope.response = call.request
        try:
            headers = tuple(
                (name, _safe(filled_text(value, scope))) for name, value in route.headers
            )
            content = None if route.json is None else orjson.dumps(filled(route.json.value, scope))
        except EVALUATION_ERRORS:
            return wrong(400, {"error": "the request does not have what the route's answer reads"})
        failed = route.status >= _FIRST_ERROR
        if content is not None and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", JSON), *headers)
        return Reply(
            route.status,
            content or b"",
            headers,
            outcome="wrong" if failed else "ok",
            done=not failed,
        )

    def over_quota(self, scope: QuotaScope, status: int) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        return json_reply(status, {"error": "too many requests"}, outcome="quota")

    def failed(self, status: int) -> Reply:
        """See `wedload.simulators.service.Service`."""
        return json_reply(status, {"error": "the service has failed"}, outcome="error")

    def quota_headers(self, allowance: Allowance, now_ns: int) -> Headers:  # noqa: ARG002 - the port's signature
        """None."""
        return ()

    def counts(self) -> dict[str, int]:
        """Nothing: it keeps nothing."""
        return {}

    def _find(self, request: Request) -> tuple[str, Route] | None:
        for method, segments, endpoint, route in self._paths:
            if method == request.method and _matches(segments, request.segments):
                return endpoint, route
        return None


def _matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return len(pattern) == len(path) and all(
        part in (_ANY, there) for part, there in zip(pattern, path, strict=True)
    )


def _safe(value: Any) -> str:
    """A header's value, which a line break would let out of its line."""
    text = str(value)
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("a header's value holds a control character")
    return text
