"""What third parties read of the requests to them: endpoints, answers, and what retries share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.expressions.expression import require_no_duration, suggest
from wedload.plan.third_parties import REQUEST_NAMES
from wedload.plan.uses import Use, of_json, of_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.expressions.expression import Expression
    from wedload.plan.fields import RequestLine
    from wedload.plan.positions import Path
    from wedload.plan.third_parties import Route

#: after which HTTP has no body
_WITHOUT_BODY: Final = (204, 304)


def check_operation(draft: Draft, path: Path, operation: Expression | None) -> None:
    """Report an expression that cannot tell operations apart."""
    if operation is None or draft.damaged(path):
        return
    use = Use(path, operation.reads, response=True)
    if not any(_strangers(use)) and not use.reads.response:
        message = "reads nothing of the request: all of them would be one operation"
        draft.report(path, message, "write operation = \"headers['x-request-id']\"")
    try:
        require_no_duration(operation)
    except ValueError as error:
        draft.report(path, str(error))
    else:
        _report_strangers(draft, use, "`operation`")


def check_routes(draft: Draft, path: Path, routes: tuple[Route, ...]) -> None:
    """Report endpoints that no request can be for, and answers that cannot be given."""
    taken: dict[tuple[str, str], int] = {}
    for index, route in enumerate(routes):
        here = (*path, index)
        if here in draft.pruned or draft.damaged((*here, "http")):
            continue
        endpoint = (route.http.method, route.http.url.source)
        if (wrong := _wrong_endpoint(route.http)) is not None:
            draft.report((*here, "http"), *wrong)
        elif endpoint in taken:
            first = draft.positions.line((*path, taken[endpoint]))
            message = f"{' '.join(endpoint)} is answered by the route of line {first} already"
            draft.report((*here, "http"), message, "take out one of them")
        taken.setdefault(endpoint, index)
        if not 200 <= route.status <= 599:
            draft.report((*here, "status"), f"is {route.status}; it must be from 200 to 599")
        elif route.status in _WITHOUT_BODY and route.json is not None:
            draft.report((*here, "json"), f"an answer with {route.status} has no body")
        for use in _of_route(route, here):
            _report_strangers(draft, use, "an answer")


def _wrong_endpoint(request: RequestLine) -> tuple[str, str] | None:
    """What is wrong with an endpoint, and the hint."""
    url = request.url
    example = f'write http = "{request.method} /v1/charges/*"; * stands for one segment'
    if url.literal is None:
        return (
            f'"{url.source}" is a template, and the endpoints of a service do not change',
            example,
        )
    if not url.literal.startswith("/"):
        return f'"{url.literal}" is not a path', example
    if "?" in url.literal:
        return f'"{url.literal}" has a query, and a path alone says what it is', example
    if any("*" in segment and segment != "*" for segment in url.literal.split("/")):
        return f'"{url.literal}" has a * within a segment', example
    return None


def _of_route(route: Route, path: Path) -> Iterator[Use]:
    yield from of_pairs(route.headers, (*path, "headers"))
    if route.json is not None:
        yield from of_json(route.json, (*path, "json"))


def _strangers(use: Use) -> Iterator[str]:
    """What an expression reads beside a request and an answer."""
    reads = use.reads
    yield from sorted(reads.variables | reads.user)
    yield from (f"env.{name}" for name in sorted(reads.env | reads.optional_env))
    yield from (f"secrets.{name}" for name in sorted(reads.secrets))
    yield from sorted(f"data.{feeder}" for feeder, _ in reads.columns)
    yield from sorted(f"{place}.{name}" for place, name, _ in reads.addresses)


def _report_strangers(draft: Draft, use: Use, who: str) -> None:
    """Report what is read that no request to a third party has."""
    for name in _strangers(use):
        near = suggest(name, sorted(REQUEST_NAMES), lead="did you mean ")
        message = f"reads `{name}`, and {who} can read the request alone"
        draft.report(use.path, message, near or "json is what the request says")
    for name in sorted(use.reads.response - REQUEST_NAMES):
        message = f"reads `{name}`, which is not there of a request"
        draft.report(use.path, message, f"there is: {', '.join(sorted(REQUEST_NAMES))}")
