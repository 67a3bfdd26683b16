"""Replies to bytes, also those that faults spoil. Pure.

Sources: RFC 9110, RFC 9112; the kinds of malformed answers are WireMock's.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from wedload.simulators.course import Course
    from wedload.simulators.service import Reply

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_BODYLESS: Final = frozenset({204, 304})
_BROKEN_CHUNK: Final = b"not-a-chunk-size\r\n"


class Refusal(NamedTuple):
    """Why what came is no request that can be served."""

    reason: str  # that it is counted under
    status: int
    why: str  # for people


GARBAGE: Final = Refusal("garbage", 400, "what came is no HTTP")
SLOW: Final = Refusal("slow", 408, "the request was not whole in time")
TOO_LARGE: Final = Refusal("too-large", 413, "its body is larger than is read here")
LONG_HEAD: Final = Refusal("long-head", 431, "its head is larger than is read here")
CROWDED: Final = Refusal("crowded", 503, "there are as many connections as are taken")
CUT_OFF: Final = Refusal("cut-off", 0, "the client hung up within its request")


def rendered(reply: Reply, connection: str = "", *, head_only: bool = False) -> bytes:
    """The bytes of a reply; `connection`: the header of this name, where one is needed."""
    body = b"" if reply.status in _BODYLESS else reply.body
    length = () if reply.status in _BODYLESS else (f"Content-Length: {len(body)}",)
    head = _head(reply, connection, *length)
    return head if head_only else head + body


def spoilt(course: Course) -> bytes:
    """What a client gets instead of an answer, before the connection is closed."""
    if course.ending == "random":
        return course.noise
    if course.ending != "chunk" or course.reply is None:
        return b""
    body = course.reply.body
    half = body[: len(body) // 2]
    chunk = b"%x\r\n%b\r\n" % (len(half), half) if half else b""
    return _head(course.reply, "", "Transfer-Encoding: chunked") + chunk + _BROKEN_CHUNK


def refused(refusal: Refusal) -> bytes:
    """The answer that tells of a refusal; the connection ends with it."""
    text = f"{refusal.reason}: {refusal.why}\n".encode()
    head = f"HTTP/1.1 {refusal.status} {_phrase(refusal.status)}\r\n"
    return (
        f"{head}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + text


def _head(reply: Reply, connection: str, *framing: str) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {_phrase(reply.status)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines += framing
    if connection:
        lines.append(f"Connection: {connection}")
    return "\r\n".join([*lines, "", ""]).encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
