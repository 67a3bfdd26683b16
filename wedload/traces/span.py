"""A span as far as its time is asked for: whose it is, below which, from when to when.

Source: OpenTelemetry protocol, `opentelemetry/proto/trace/v1/trace.proto`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

#: `SPAN_KIND_CLIENT`: it asks somebody else, who may have spans of the request, or none
CLIENT: Final = 3
#: `STATUS_CODE_ERROR`
ERROR: Final = 2
ID_BYTES: Final = 8
#: longer texts are cut: they are kept for every span that is held
MOST_TEXT: Final = 120
#: attributes that name whom a client span asks, the first that there is
PEERS: Final = ("peer.service", "db.system", "db.system.name", "server.address")


class Span(NamedTuple):
    """One span; instants are ns since 1970 on the clock of its service."""

    span_id: bytes
    parent_id: bytes  # empty: it has none
    service: str
    operation: str
    begin_ns: int
    end_ns: int
    kind: int = 0
    failed: bool = False
    peer: str | None = None  # whom it asks, of a client span


class Received(NamedTuple):
    """A span with the id of its trace, as it came."""

    trace_id: bytes
    span: Span


class Decoded(NamedTuple):
    """What an export request holds."""

    spans: list[Received]
    malformed: int  # spans with an id or times that none can have


class NotUnderstoodError(ValueError):
    """A body that is no export request."""


def span_of(
    trace_id: bytes, span_id: bytes, parent_id: bytes, names: tuple[str, str],
    times: tuple[int, int], kind: int, failed: bool, peer: str | None,
) -> Received | None:  # fmt: skip
    """A span that was read; None: it has ids or times that none can have.

    `names`: of the service and of the operation. Ids of zeros alone are none (W3C Trace Context).
    """
    if len(trace_id) != 16 or len(span_id) != ID_BYTES or not any(trace_id) or not any(span_id):
        return None
    if len(parent_id) not in {0, ID_BYTES} or not 0 <= times[0] <= times[1]:
        return None
    service, operation = (text[:MOST_TEXT] for text in names)
    return Received(
        trace_id,
        Span(
            span_id,
            parent_id if any(parent_id) else b"",
            service or "unknown service",
            operation or "unnamed",
            times[0],
            times[1],
            kind,
            failed,
            None if not peer else peer[:MOST_TEXT],
        ),
    )
