"""Reading aiohttp's answers: refused is what the wire client refuses, and bodies have a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.protocols.http.decoding import decode_body
from wedload.protocols.http.limits import SWITCHING
from wedload.protocols.http.problems import SWITCHED, long_body

if TYPE_CHECKING:
    from aiohttp import ClientResponse

    from wedload.metrics.outcome import Outcome
    from wedload.protocols.aiohttp.connection import Watched
    from wedload.protocols.http.response import Response


class BrokenAnswer(Exception):  # noqa: N818 - it carries an outcome, it is not an error to show
    """A response that is none, with the outcome that the request gets."""

    def __init__(self, outcome: Outcome, problem: str) -> None:
        super().__init__(problem)
        self.outcome = outcome


async def read_answer(
    answer: ClientResponse,
    connection: Watched | None,
    response: Response,
    max_bytes: int,
    *,
    keep_body: bool,
) -> None:
    """Read an answer to its end, into a response; without `keep_body` the body is only counted.

    Raises:
        BrokenAnswer: with the outcome that the request gets.
    """
    pieces: list[bytes] = []
    size = 0
    response.status = answer.status
    try:
        _require_sound(answer, connection)
        async for piece in answer.content.iter_any():
            size += len(piece)
            _require_small(size, max_bytes)
            if keep_body:
                pieces.append(piece)
    except BaseException:
        answer.close()
        raise
    body = b"".join(pieces)
    encoding = b",".join(
        value.strip().lower()
        for name, value in response.raw_headers
        if name.lower() == b"content-encoding"
    )
    if encoding and body:
        try:
            body = decode_body(body, encoding, max_bytes)
        except ValueError as error:
            raise BrokenAnswer("protocol", str(error)) from None
        except OverflowError as error:
            raise BrokenAnswer("too_large", str(error)) from None
    response.body = body


def _require_sound(answer: ClientResponse, connection: Watched | None) -> None:
    """Refuse what the wire client refuses at the end of the headers, and aiohttp does not."""
    if connection is not None and connection.flood is not None:
        raise connection.flood
    if answer.status == SWITCHING:
        raise BrokenAnswer("protocol", SWITCHED)
    for coding in answer.headers.getall("Transfer-Encoding", []):
        if coding.strip().lower() not in {"chunked", "identity"}:
            # others must be asked for (RFC 9112 section 7.4)
            raise BrokenAnswer("protocol", f"Transfer-Encoding {coding!r} was not asked for")


def _require_small(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise BrokenAnswer("too_large", long_body(max_bytes))
