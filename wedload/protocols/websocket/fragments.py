"""Messages that come in several frames are put together (RFC 6455 section 5.4). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.metrics.outcome import Outcome

#: RFC 6455 section 7.4.1: how a connection is closed that broke the protocol
PROTOCOL_ERROR: Final = 1002
TOO_BIG: Final = 1009


class ViolationError(Exception):
    """What came must not come: with `code` the connection is closed, and `outcome` is its end."""

    def __init__(self, code: int, reason: str, outcome: Outcome = "protocol") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.outcome = outcome


class Fragments:
    """The frames of the message that is not complete yet."""

    __slots__ = ("_is_text", "_max_bytes", "_parts", "_size")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: list[bytes] | None = None
        self._size = 0
        self._is_text = False

    @property
    def pending(self) -> bool:
        """Whether a message has begun, and not ended."""
        return self._parts is not None

    def begin(self, payload: bytes, *, is_text: bool, final: bool) -> tuple[bytes, bool] | None:
        """Take the first frame of a message; the message, if that is all of it.

        Raises:
            ViolationError: the one before is not complete, or this is too long.
        """
        if self._parts is not None:
            raise ViolationError(PROTOCOL_ERROR, "a message began before the last one had ended")
        self._size, self._is_text, self._parts = 0, is_text, []
        return self._take(payload, final=final)

    def go_on(self, payload: bytes, *, final: bool) -> tuple[bytes, bool] | None:
        """Take another frame of it; the message, and whether it is text, if that was the last.

        Raises:
            ViolationError: no message has begun, or it is too long.
        """
        if self._parts is None:
            raise ViolationError(PROTOCOL_ERROR, "a message went on that had not begun")
        return self._take(payload, final=final)

    def _take(self, payload: bytes, *, final: bool) -> tuple[bytes, bool] | None:
        assert self._parts is not None
        self._size += len(payload)
        if self._size > self._max_bytes:
            self._parts = None
            raise ViolationError(TOO_BIG, too_long(self._max_bytes), "too_large")
        if payload:
            self._parts.append(payload)
        if not final:
            return None
        message, self._parts = b"".join(self._parts), None
        return message, self._is_text


def too_long(max_bytes: int) -> str:
    """A message is longer than the step allows."""
    return f"a message is longer than {max_bytes:,} bytes"
