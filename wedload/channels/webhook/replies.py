"""Replies: what goes back to a sender, and the reasons why something is no delivery. Pure.

Sources: RFC 9110 (status codes, Retry-After, Allow), RFC 6585 (431).
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_BODYLESS: Final = frozenset({204, 304})


class Reply(NamedTuple):
    """What an attempt is answered with."""

    status: int = 200
    text: str = ""  # for whoever reads the sender's log
    retry_after_s: int | None = None
    hang_ns: int = 0  # if > 0: nothing at all, and the connection ends after so long


ACCEPTED: Final = Reply()


@lru_cache(maxsize=256)
def rendered(reply: Reply, connection: str = "", *, head_only: bool = False) -> bytes:
    """The bytes of a reply; `connection`: the header of this name, where one is needed."""
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = ""
    body = reply.text.encode() if reply.status not in _BODYLESS else b""
    lines = [f"HTTP/1.1 {reply.status} {phrase}"]
    if reply.status == HTTPStatus.METHOD_NOT_ALLOWED:
        lines.append("Allow: POST")
    if reply.retry_after_s is not None:
        lines.append(f"Retry-After: {reply.retry_after_s}")
    if body:
        lines.append("Content-Type: text/plain; charset=utf-8")
    if reply.status not in _BODYLESS:
        lines.append(f"Content-Length: {len(body)}")
    if connection:
        lines.append(f"Connection: {connection}")
    head = "\r\n".join([*lines, "", ""]).encode()
    return head if head_only else head + body


def whole_seconds(duration_ns: int) -> int:
    """As Retry-After says it: rounded up, so that nobody comes back too early."""
    return -(-duration_ns // NS_PER_S)


class Refusal(NamedTuple):
    """Why a request is no delivery."""

    reason: str  # the outcome that it is counted under
    status: int
    why: str  # for people


#: of requests that are no attempt of a delivery, or not one that can be read
GARBAGE: Final = Refusal("garbage", 400, "what came is no HTTP")
WRONG_PATH: Final = Refusal("wrong-path", 404, "the receiver has another path")
WRONG_METHOD: Final = Refusal("wrong-method", 405, "a delivery is a POST")
SLOW: Final = Refusal("slow", 408, "the request was not whole in time")
TOO_LARGE: Final = Refusal("too-large", 413, "its body is larger than max_body of the channel")
LONG_HEAD: Final = Refusal("long-head", 431, "its head is larger than a receiver reads")
CROWDED: Final = Refusal("crowded", 503, "the receiver has as many connections as it takes")
NOT_READY: Final = Refusal("not-ready", 503, "set-up has not told yet how deliveries are signed")
CUT_OFF: Final = Refusal("cut-off", 0, "the sender hung up within its request")

#: of deliveries that are not genuine, by the verdict on their signature
UNPROVEN: Final[Mapping[str, Refusal]] = {
    refusal.reason: refusal
    for refusal in (
        Refusal("missing-header", 401, "a header that its signature needs is missing"),
        Refusal("malformed", 400, "the headers of its signature cannot be read"),
        Refusal("bad-signature", 401, "its signature is that of no secret of the channel"),
        Refusal("stale", 401, "its signature is older than the channel's tolerance"),
        Refusal("future", 401, "its signature is of a time to come, beyond the tolerance"),
    )
}


def refused(refusal: Refusal) -> Reply:
    """The reply that tells of a refusal."""
    return Reply(refusal.status, f"{refusal.reason}: {refusal.why}\n")
