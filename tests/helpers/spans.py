"""Spans for tests: small whole numbers in place of ids and instants."""

from __future__ import annotations

from wedload.traces.span import CLIENT, Span

#: the span that requests say is their parent
SENDER = b"\xff" * 8


def number(value: int) -> bytes:
    """An id of a span; 0 is the sender."""
    return value.to_bytes(8, "big") if value else SENDER


def span(
    own: int, parent: int | None, begin: int, end: int, service: str = "api",
    operation: str | None = None, *, asks: str | None = None, failed: bool = False,
) -> Span:  # fmt: skip
    """A span; `parent` 0: the sender, None: none; `asks`: it is a client's, of that peer."""
    return Span(
        number(own),
        b"" if parent is None else number(parent),
        service,
        operation or f"operation {own}",
        begin,
        end,
        0 if asks is None else CLIENT,
        failed,
        asks,
    )
