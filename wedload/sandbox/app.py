"""The table of routes, and what is done around every handler: admission, errors, time, counts.

Knows what each route is called and who may call it; what it does is in the handlers' own files.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import auth, dashboard, forms, journeys, run_api, search, webhook_api
from .bookings import endpoints as bookings
from .call import Call, Platform, answer
from .database import Query, Transaction, UnavailableError
from .errors import ApiError
from .faults import endpoints as faults
from .faults.api import suffer
from .realtime import endpoints as realtime
from .slow import linger
from .third_parties import communications, resilient_forms, scheduling
from .tracing.requests import traced

if TYPE_CHECKING:
    from .auth import Role, Session
    from .bottlenecks.burn import Burner
    from .slow import Delays

log = logging.getLogger(__name__)

LARGEST_BODY_BYTES = 1024 * 1024

Handler = Callable[[Call], Awaitable[web.StreamResponse]]

_SUPPLIER: frozenset[Role] = frozenset({"supplier"})
_COUPLE: frozenset[Role] = frozenset({"couple"})
_EITHER = _SUPPLIER | _COUPLE
_ANYONE: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table; without `roles`, it asks for no token, or by itself."""

    method: str
    path: str
    roles: frozenset[Role]
    handler: Handler
    counted: bool = True
    sweeps: bool = False  # about test runs


async def sign_in_supplier(call: Call) -> web.Response:
    """`POST /api/auth/supplier`: a token for the supplier with this address."""
    return await _sign_in(call, "supplier")


async def sign_in_couple(call: Call) -> web.Response:
    """`POST /api/auth/couple`: a token for the couple with this address."""
    return await _sign_in(call, "couple")


async def _sign_in(call: Call, role: Role) -> web.Response:
    sessions = call.platform.sessions
    email = sessions.check_credentials(role, await call.json())
    account_id = await call.write(lambda: auth.account(role, email, call.run_id))
    return answer(200, sessions.open(role, account_id))


async def health(_call: Call) -> web.Response:
    """`GET /healthz`: whether the server answers; the database is not asked."""
    return answer(200, {"status": "ok"})


async def counts(call: Call) -> web.Response:
    """`GET /_sandbox/counts`: finished requests by route and status, rows, all that was done."""
    platform = call.platform
    rows = await platform.database.sound.read(_row_counts)  # no fault falsifies a count
    return answer(
        200,
        {
            "requests": platform.tally.as_dict(),
            "rows": rows,
            "webhooks": platform.webhooks.counts(),
            "weaknesses": {name: of.counts() for name, of in platform.weaknesses.items()},
            "realtime": platform.realtime.counts.as_dict(),
            "third_parties": platform.third_parties.counts(),
            "outbox": platform.outbox.counts(),
            "rate_limit": platform.sessions.limited(),
            "faults": platform.faults.faults.hits,
            **({} if platform.tracing is None else {"spans": platform.tracing.counts()}),
        },
    )


async def rate_limit(call: Call) -> web.Response:
    """`GET /_sandbox/rate-limit`: who was told to wait, and whether they did."""
    sessions = call.platform.sessions
    limit = sessions.limit
    return answer(
        200,
        {
            "per_s": limit.per_s,
            "burst": limit.burst,
            "retry_after": limit.tells,
            "total": sessions.limited(),
            "tokens": sessions.limited_by_token(),
        },
    )


def _row_counts() -> Transaction[dict[str, int]]:
    names = (
        *("forms", "connections", "submissions", "journeys"),
        *("webhook_endpoints", "webhook_messages", "webhook_deliveries"),
        *("appointments", "communications", "loose_submissions", "bookings"),
    )
    columns = ", ".join(f"(SELECT count(*) FROM {name})" for name in names)  # noqa: S608 - constants
    found = yield Query(f"SELECT {columns}")
    return dict(zip(names, found[0], strict=True))


ROUTES = (
    Route("GET", "/healthz", _ANYONE, health, counted=False),
    Route("GET", "/_sandbox/counts", _ANYONE, counts, counted=False),
    Route("GET", "/_sandbox/rate-limit", _ANYONE, rate_limit, counted=False),
    Route("POST", "/_sandbox/faults", _ANYONE, faults.arm, counted=False),
    Route("DELETE", "/_sandbox/faults", _ANYONE, faults.disarm, counted=False),
    Route("POST", "/api/auth/supplier", _ANYONE, sign_in_supplier),
    Route("POST", "/api/auth/couple", _ANYONE, sign_in_couple),
    Route("POST", "/api/forms/intake", _SUPPLIER, forms.create_form),
    Route("POST", "/api/connections/{form_id}", _COUPLE, forms.connect),
    Route("POST", "/api/forms/{form_id}/submit", _COUPLE, forms.submit),
    Route("DELETE", "/api/forms/{form_id}", _SUPPLIER, forms.delete_form),
    Route("GET", "/api/realtime/status/{submission_id}", _EITHER, journeys.status),
    Route("GET", "/api/realtime/events", _ANYONE, realtime.events),
    Route("POST", "/api/realtime/events", _EITHER, realtime.post_event),
    Route("GET", "/api/realtime/ws", _ANYONE, realtime.conversation),
    Route("GET", "/realtime/v1/websocket", _ANYONE, realtime.channels),
    Route("POST", "/realtime/v1/api/broadcast", _ANYONE, realtime.broadcast),
    Route(
        *("POST", "/realtime/v1/api/broadcast/{topic}/events/{event}"),
        *(_ANYONE, realtime.broadcast_one),
    ),
    Route("GET", "/api/suppliers/dashboard", _SUPPLIER, dashboard.dashboard),
    Route("GET", "/api/suppliers/search", _EITHER, search.search),
    Route("POST", "/api/webhooks/endpoints", _SUPPLIER, webhook_api.register),
    Route("GET", "/api/webhooks/endpoints", _SUPPLIER, webhook_api.endpoints),
    Route("DELETE", "/api/webhooks/endpoints/{endpoint_id}", _SUPPLIER, webhook_api.remove),
    Route("POST", "/api/webhooks/trigger", _SUPPLIER, webhook_api.trigger),
    Route("GET", "/api/webhooks/delivery-status", _SUPPLIER, webhook_api.delivery_status),
    Route("POST", "/api/calendar/schedule", _EITHER, scheduling.schedule),
    Route(
        *("POST", "/api/calendar/schedule-with-timeout"),
        *(_EITHER, scheduling.schedule_with_timeout),
    ),
    Route("GET", "/api/calendar/holds/{id}", _EITHER, scheduling.show_hold),
    Route("DELETE", "/api/calendar/holds/{id}", _EITHER, scheduling.delete_hold),
    Route("DELETE", "/api/calendar/events/{id}", _EITHER, scheduling.delete_event),
    Route("POST", "/api/communications/send", _EITHER, communications.send),
    Route("GET", "/api/communications/{id}", _EITHER, communications.show),
    Route("DELETE", "/api/communications/{id}", _EITHER, communications.delete),
    Route("POST", "/api/forms/submit-resilient", _EITHER, resilient_forms.submit),
    Route("DELETE", "/api/submissions/{id}", _EITHER, resilient_forms.delete),
    Route("POST", "/api/bookings", _COUPLE, bookings.create),
    Route("GET", "/api/bookings/{id}", _EITHER, bookings.show),
    Route("DELETE", "/api/bookings/{id}", _COUPLE, bookings.remove),
    Route("GET", "/api/test-runs/{run_id}", _SUPPLIER, run_api.show, sweeps=True),
    Route("DELETE", "/api/test-runs/{run_id}", _SUPPLIER, run_api.sweep, sweeps=True),
)


def build_app(
    platform: Platform, slow: Delays, burns: Delays | None = None, burner: Burner | None = None
) -> web.Application:
    """The application with every route, ready to be served.

    Those in `slow` wait first; those in `burns` have the `burner` compute for so long.
    """
    app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[_unrouted(platform)])
    for route in ROUTES:
        delay_s = slow.get((route.method, route.path), 0.0)
        cpu_s = (burns or {}).get((route.method, route.path), 0.0)
        if cpu_s and burner is not None:
            route = _burning(route, burner, cpu_s)  # noqa: PLW2901 - the same, but slower
        handle = _around(route, platform, delay_s)
        if route.counted:
            handle = traced(handle, route.method, route.path, platform.tracing)
        app.router.add_route(route.method, route.path, handle)

    async def close(_app: web.Application) -> None:
        await platform.realtime.close()

    app.on_shutdown.append(close)
    return app


def _burning(route: Route, burner: Burner, cpu_s: float) -> Route:
    async def handler(call: Call) -> web.StreamResponse:
        response = await route.handler(call)
        await burner.burn(cpu_s)
        return response

    return replace(route, handler=handler)


AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _around(route: Route, platform: Platform, delay_s: float) -> AioHandler:
    """The route's handler with everything done around it, as aiohttp wants it."""
    label = f"{route.method} {route.path}"

    async def handle(request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        call: Call | None = None
        try:
            if delay_s:
                await linger(delay_s)
            if route.counted and platform.faults.faults.armed:
                await suffer(request, platform.faults.faults)
            session: Session | None = None
            if route.roles:
                authorization = request.headers.get("Authorization")
                session = platform.sessions.admit(authorization, route.roles, sweeps=route.sweeps)
            run = platform.runs.named_in(request.headers)
            call = Call(request, platform, session, run)
            response = await route.handler(call)
            if response.prepared:  # a connection that was open and has ended, and was counted
                return response
        except Exception as error:  # noqa: BLE001 - whatever it is, it gets an answer
            response = _failure(error, label)
        _stamp(response, started, call.db_s if call else 0.0)
        if route.counted:
            platform.tally.add(label, response.status)
        return response

    return handle


def _unrouted(platform: Platform) -> Any:
    """Answers for the requests that reach no route: unknown paths and wrong methods."""

    @web.middleware
    async def middleware(request: web.Request, handler: AioHandler) -> web.StreamResponse:
        if request.match_info.http_exception is None:
            return await handler(request)
        started = time.perf_counter()
        label = f"{request.method} (no route)"
        response = _failure(request.match_info.http_exception, label)
        _stamp(response, started, 0.0)
        platform.tally.add(label, response.status)
        return response

    return middleware


def _stamp(response: web.StreamResponse, started: float, db_s: float) -> None:
    total_s = time.perf_counter() - started
    response.headers["Server-Timing"] = f"db;dur={db_s * 1e3:.2f}, total;dur={total_s * 1e3:.2f}"


def _failure(error: Exception, label: str) -> web.Response:
    """The answer that tells of `error`, in the one shape all errors have."""
    if isinstance(error, web.HTTPException):
        error = _from_aiohttp(error)
    if isinstance(error, UnavailableError):
        log.warning("%s: the database is unavailable: %s", label, error)
        error = ApiError(503, "unavailable", "The database does not answer.")
    if not isinstance(error, ApiError):
        log.error("%s failed", label, exc_info=error)
        error = ApiError(500, "internal", "The server failed; its log on stderr says why.")
    response = answer(
        error.status,
        {"error": {"code": error.code, "message": error.message, "fields": error.fields}},
    )
    response.headers.update(error.headers)
    return response


def _from_aiohttp(error: web.HTTPException) -> ApiError:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        message = f"{error.method} is not allowed here; {allowed} is."
        return ApiError(405, "method_not_allowed", message, headers={"Allow": allowed})
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        message = f"The body is larger than {LARGEST_BODY_BYTES} bytes."
        return ApiError(413, "too_large", message)
    if isinstance(error, web.HTTPNotFound):
        return ApiError(404, "not_found", "There is no such path.")
    return ApiError(error.status, "http_error", error.reason)
