"""The rows of webhooks: transactions that write and read them. Does no I/O and sends nothing.

Many rows go into one statement. SQLite gives up the interpreter's lock at every step, and a busy
event loop gives it back late; a statement a row would take longer to get on than to run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from .database import Many, Query, Row, Transaction
from .events import JOURNEY_STARTED, SUBMISSION_CREATED
from .webhook_delivery import Delivery, Endpoint, Message
from .webhook_target import parse_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .runs import Runs

# Few sizes, so that there are few statements to prepare.
_SIZES: Final = (64, 8, 1)

_MESSAGE: Final = (
    "INSERT INTO webhook_messages (id, account_id, type, created_ms, data, run_id) VALUES {rows}"
    " ON CONFLICT (id) DO NOTHING"
)
_DELIVERY: Final = (
    "INSERT INTO webhook_deliveries (message_id, endpoint_id, sequence, state, attempts, weakness,"
    " due_ms, answer, run_id) VALUES {rows} ON CONFLICT (message_id, endpoint_id) DO UPDATE SET"
    " sequence = excluded.sequence, state = excluded.state, attempts = excluded.attempts,"
    " due_ms = excluded.due_ms, answer = excluded.answer"
)
# The event, and what its messages are called: the same after a restart, so that each is sent once.
PREFIXES: Final = {SUBMISSION_CREATED: "submission_", JOURNEY_STARTED: "journey_"}


def write_all(messages: Sequence[Message], deliveries: Sequence[Delivery]) -> Transaction[None]:
    """Store messages and, as they are now, deliveries, whether they are there already or not."""
    yield from _in_chunks(
        _MESSAGE,
        [(m.id, m.account_id, m.type, m.created_ms, m.data.decode(), m.run_id) for m in messages],
    )
    yield from _in_chunks(
        _DELIVERY,
        [
            (
                *(d.message.id, d.endpoint_id, d.sequence, d.state, d.attempts),
                *(d.weakness, d.due_ms, d.answer, d.message.run_id),
            )
            for d in deliveries
        ],
    )


def _in_chunks(sql: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Query]:
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size:
            chunk = rows[start : start + size]
            width = len(chunk[0])
            marks = ", ".join(
                f"({', '.join(f'${n}' for n in range(first, first + width))})"
                for first in range(1, size * width + 1, width)
            )
            yield Query(sql.format(rows=marks), tuple(value for row in chunk for value in row))
            start += size


def insert_endpoint(endpoint: Endpoint) -> Transaction[None]:
    """Store a new one."""
    events = None if endpoint.events is None else orjson.dumps(sorted(endpoint.events)).decode()
    yield Query(
        "INSERT INTO webhook_endpoints"
        " (id, account_id, url, events, accounts, secret, state, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'enabled', $7, $8)",
        (
            *(endpoint.id, endpoint.account_id, endpoint.url, events),
            *(endpoint.accounts, endpoint.secret, endpoint.created_ms, endpoint.run_id),
        ),
    )


def set_endpoint_state(endpoint_id: str, state: str) -> Transaction[None]:
    """Disabled by its receiver, or deleted; its deliveries can still be asked for."""
    yield Query("UPDATE webhook_endpoints SET state = $2 WHERE id = $1", (endpoint_id, state))


def delete_endpoint(endpoint_id: str, account_id: str) -> Transaction[bool]:
    """Whether this account had it until now."""
    found = yield Query(
        "UPDATE webhook_endpoints SET state = 'deleted', secret = ''"
        " WHERE id = $1 AND account_id = $2 AND state <> 'deleted' RETURNING id",
        (endpoint_id, account_id),
    )
    return bool(found)


def endpoints_of(account_id: str) -> Transaction[list[Row]]:
    """Its endpoints, the oldest first: id, url, events, accounts, state, created_ms."""
    return (
        yield Query(
            "SELECT id, url, events, accounts, state, created_ms FROM webhook_endpoints"
            " WHERE account_id = $1 AND state <> 'deleted' ORDER BY created_ms, id",
            (account_id,),
        )
    )


def deliveries_of(message_id: str) -> Transaction[list[Row]]:
    """A row for each delivery, or one with NULLs: the message's account and type, the endpoint's.

    Then: endpoint_id, sequence, state, attempts, answer.
    """
    return (
        yield Query(
            "SELECT m.account_id, m.type, e.account_id,"
            " d.endpoint_id, d.sequence, d.state, d.attempts, d.answer FROM webhook_messages m"
            " LEFT JOIN webhook_deliveries d ON d.message_id = m.id"
            " LEFT JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE m.id = $1"
            " ORDER BY d.endpoint_id",
            (message_id,),
        )
    )


def enabled_endpoints() -> Transaction[list[tuple[Endpoint, int]]]:
    """Each, and the last sequence that was queued to it."""
    found = yield Query(
        "SELECT e.id, e.account_id, e.url, e.events, e.accounts, e.created_ms, e.secret, e.run_id,"
        " e.last_sequence, d.last FROM webhook_endpoints e"
        " LEFT JOIN (SELECT endpoint_id, max(sequence) AS last FROM webhook_deliveries"
        " GROUP BY endpoint_id) d ON d.endpoint_id = e.id"
        " WHERE e.state = 'enabled' ORDER BY e.created_ms, e.id"
    )
    return [(_endpoint(row), max(row[8], row[9] or 0)) for row in found]


def keep_sequences(last: Sequence[tuple[str, int]]) -> Transaction[None]:
    """Note the last number of each endpoint apart from its deliveries, which are to be deleted."""
    yield Many(
        "UPDATE webhook_endpoints SET last_sequence = $2 WHERE id = $1 AND last_sequence < $2", last
    )


def _endpoint(row: Row) -> Endpoint:
    endpoint_id, account_id, url, events, accounts, created_ms, secret, run_id, *_ = row
    return Endpoint(
        id=endpoint_id,
        account_id=account_id,
        url=url,
        target=parse_target(url),
        events=None if events is None else frozenset(orjson.loads(events)),
        accounts=accounts,
        created_ms=created_ms,
        secret=secret,
        run_id=run_id,
    )


def pending_deliveries(runs: Runs) -> Transaction[list[Delivery]]:
    """What was accepted and neither delivered nor given up, in the order in which it was queued."""
    found = yield Query(
        "SELECT m.id, m.account_id, m.type, m.created_ms, m.data,"
        " d.endpoint_id, d.sequence, d.attempts, d.weakness, d.due_ms, d.answer, d.run_id"
        " FROM webhook_deliveries d JOIN webhook_messages m ON m.id = d.message_id"
        " JOIN webhook_endpoints e ON e.id = d.endpoint_id"
        " WHERE d.state = 'pending' AND e.state = 'enabled' ORDER BY d.sequence, m.id",
        many_rows=True,
    )
    return [
        Delivery(
            Message(row[0], row[1], row[2], row[3], row[4].encode(), runs.of(row[11])),
            endpoint_id=row[5],
            sequence=row[6],
            attempts=row[7],
            weakness=row[8],
            due_ms=row[9],
            answer=row[10],
        )
        for row in found
    ]


def missed_submissions() -> Transaction[list[Row]]:
    """What a killed server stored but never queued: endpoint's id, run, the submission's row."""
    return (
        yield Query(
            "SELECT e.id, s.run_id, s.id, s.form_id, s.supplier_id, s.couple_id, s.created_ms"
            f" {_MISSED.format(happened='s.created_ms', journeys='')}",
            (PREFIXES[SUBMISSION_CREATED],),
        )
    )


def missed_journeys() -> Transaction[list[Row]]:
    """The same for journeys that run: the last column is when they started."""
    journeys = "JOIN journeys j ON j.submission_id = s.id AND j.state = 'running'"
    return (
        yield Query(
            "SELECT e.id, s.run_id, s.id, s.form_id, s.supplier_id, s.couple_id, j.started_ms"
            f" {_MISSED.format(happened='j.started_ms', journeys=journeys)}",
            (PREFIXES[JOURNEY_STARTED],),
        )
    )


_MISSED: Final = (
    "FROM submissions s {journeys} JOIN webhook_endpoints e ON e.state = 'enabled'"
    " AND (e.accounts = 'all' OR e.account_id = s.supplier_id) AND e.created_ms <= {happened}"
    " LEFT JOIN webhook_deliveries d ON d.message_id = $1 || s.id AND d.endpoint_id = e.id"
    " WHERE d.message_id IS NULL AND s.cancelled_ms IS NULL ORDER BY {happened}, s.id"
)
