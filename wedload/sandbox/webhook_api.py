"""What suppliers ask of webhooks: endpoints, messages of their own, and what became of them.

Each handler checks what it was sent and hands it to the dispatcher. Knows no signature.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from .call import Call, answer, instant
from .errors import ApiError, not_found
from .ids import is_id, new_id
from .validation import Problems, json_object
from .webhook_delivery import Endpoint
from .webhook_rows import deliveries_of, endpoints_of
from .webhook_signature import key_of, new_secret
from .webhook_target import parse_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .database import Row
    from .webhook_delivery import Accounts
    from .webhook_target import Target

MOST_ENDPOINTS: Final = 100  # of one account
MOST_EVENTS: Final = 50
_EVENT: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_MESSAGE_ID: Final = re.compile(r"[a-z]{1,20}_(?P<id>.{36})")


async def register(call: Call) -> web.Response:
    """`POST /api/webhooks/endpoints`: an endpoint of the supplier who calls; tells its secret."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("url", "events", "accounts", "secret"))
    url = body.get("url")
    target = _target(url, problems)
    events = _events(body.get("events"), problems)
    accounts = _accounts(body.get("accounts", "own"), problems)
    secret = _secret(body.get("secret"), problems)
    problems.finish()
    assert target is not None
    assert isinstance(url, str)
    account_id = call.caller.account_id
    if len(await call.read(lambda: endpoints_of(account_id))) >= MOST_ENDPOINTS:
        message = f"There are {MOST_ENDPOINTS} endpoints already; delete one first."
        raise ApiError(409, "too_many", message)
    endpoint = Endpoint(
        id=new_id(),
        account_id=account_id,
        url=url,
        target=target,
        events=events,
        accounts=accounts,
        created_ms=time.time_ns() // 1_000_000,
        secret=secret,
        run_id=call.run_id,
    )
    await call.stored(call.platform.webhooks.register(endpoint))
    return answer(201, {"id": endpoint.id, "secret": secret})


async def endpoints(call: Call) -> web.Response:
    """`GET /api/webhooks/endpoints`: those of the supplier who calls, without their secrets."""
    account_id = call.caller.account_id
    found = await call.read(lambda: endpoints_of(account_id))
    return answer(200, {"endpoints": [_shown(row) for row in found]})


async def remove(call: Call) -> web.Response:
    """`DELETE /api/webhooks/endpoints/{endpoint_id}`: nothing is sent there any more."""
    endpoint_id = call.path("endpoint_id")
    webhooks, account_id = call.platform.webhooks, call.caller.account_id
    if not is_id(endpoint_id) or not await call.stored(webhooks.remove(endpoint_id, account_id)):
        # Whether it is another account's is nobody else's business.
        raise not_found("endpoint")
    return web.Response(status=204)


async def trigger(call: Call) -> web.Response:
    """`POST /api/webhooks/trigger`: queues a message to every endpoint that wants it."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("event", "payload"))
    event = body.get("event")
    if not isinstance(event, str) or _EVENT.fullmatch(event) is None:
        problems.add("event", _EVENT_EXPECTED if "event" in body else "missing")
    if "payload" not in body:
        problems.add("payload", "missing")
    problems.finish()
    webhooks, account_id = call.platform.webhooks, call.caller.account_id
    message_id, deliveries = await call.stored(
        webhooks.trigger(account_id, str(event), body["payload"], call.run)
    )
    return answer(202, {"id": message_id, "deliveries": deliveries})


async def delivery_status(call: Call) -> web.Response:
    """`GET /api/webhooks/delivery-status?id=…`: how far a message of the caller has come.

    The owner of an endpoint that others' messages are sent to sees the deliveries there.
    """
    message_id = call.request.query.get("id", "")
    form = _MESSAGE_ID.fullmatch(message_id)
    if form is None or not is_id(form["id"]):
        raise not_found("message")
    found = await call.read(lambda: deliveries_of(message_id))
    me = call.caller.account_id
    seen = [row for row in found if me in row[:1] or me == row[2]]
    if not seen:
        raise not_found("message")
    deliveries = [_delivery(row) for row in seen if row[3] is not None]
    state = _together([delivery["state"] for delivery in deliveries])
    return answer(
        200,
        {
            "id": message_id,
            "event": seen[0][1],
            "delivered": state == "delivered",
            "state": state,
            "attempts": sum(delivery["attempts"] for delivery in deliveries),
            "deliveries": deliveries,
        },
    )


def _shown(row: Row) -> dict[str, Any]:
    endpoint_id, url, events, accounts, state, created_ms = row
    return {
        "id": endpoint_id,
        "url": url,
        "events": None if events is None else orjson.loads(events),
        "accounts": accounts,
        "state": state,
        "created_at": instant(created_ms),
    }


def _delivery(row: Row) -> dict[str, Any]:
    _, _, _, endpoint_id, sequence, state, attempts, last_answer = row
    return {
        "endpoint_id": endpoint_id,
        "sequence": sequence,
        "state": state,
        "attempts": attempts,
        "answer": last_answer,
    }


def _together(states: Sequence[str]) -> str:
    """The state of a message: the worst of its deliveries'; `disabled` if nobody wanted it."""
    worst_first = ("pending", "failed", "disabled", "delivered")
    return next((state for state in worst_first if state in states), "disabled")


_EVENT_EXPECTED: Final = "must be 1 to 100 letters, digits, dots, dashes or underscores"


def _target(url: object, problems: Problems) -> Target | None:
    if not isinstance(url, str):
        problems.add("url", "missing" if url is None else "must be a string")
        return None
    try:
        return parse_target(url)
    except ValueError as error:
        problems.add("url", str(error))
        return None


def _events(given: object, problems: Problems) -> frozenset[str] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_EVENTS:
        problems.add("events", f"must be a list of 1 to {MOST_EVENTS} events; leave it out for all")
        return None
    for n, event in enumerate(given):
        if not isinstance(event, str) or _EVENT.fullmatch(event) is None:
            problems.add(f"events[{n}]", _EVENT_EXPECTED)
    return frozenset(map(str, given))


def _accounts(given: object, problems: Problems) -> Accounts:
    if given == "all":
        return "all"
    if given != "own":
        problems.add("accounts", "must be own or all")
    return "own"


def _secret(given: object, problems: Problems) -> str:
    if given is None:
        return new_secret()
    try:
        key_of(given if isinstance(given, str) else "")
    except ValueError as error:
        problems.add("secret", str(error))
    return str(given)
