"""What is said of a request that failed: the same words, whichever client has sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.protocols.http.limits import MOST_HEAD_BYTES, MOST_INTERIM

if TYPE_CHECKING:
    import ssl

    from wedload.metrics.outcome import Outcome
    from wedload.protocols.http.response import Response
    from wedload.workload.request import Origin

TIMED_OUT: Final = "no complete response within the time-out"
CLOSED_UNSENT: Final = "connection closed before the request was sent"
SWITCHED: Final = "the server switched to another protocol"


def closed(response: Response) -> str:
    """A connection has ended with a request under way on it."""
    if response.first_byte_ns:
        return "connection closed in mid-response"
    return "connection closed before a response came" if response.sent_bytes else CLOSED_UNSENT


def long_body(max_bytes: int) -> str:
    """A body is longer than the step allows."""
    return f"the body is longer than {max_bytes:,} bytes"


def long_head() -> str:
    """Headers and trailers are more than a client reads."""
    return f"its headers are longer than {MOST_HEAD_BYTES:,} bytes"


def flood() -> str:
    """Interim responses do not end."""
    return f"more than {MOST_INTERIM} interim responses"


def no_connection(origin: Origin) -> str:
    """The time-out ran out while a connection was made."""
    return f"no connection to {origin} within the time-out"


def of_tls(error: ssl.SSLError) -> tuple[Outcome, str]:
    """What ended a TLS session: the outcome of its requests, and in words."""
    reason = error.reason or str(error)
    # with TLS 1.3 a server refuses our certificate only after the handshake: by an alert
    return ("tls" if "ALERT" in reason else "protocol"), f"TLS: {reason}"
