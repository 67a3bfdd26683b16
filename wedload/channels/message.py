"""Messages: what a channel heard, as its key, and an await's checks and captures, read it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from wedload.bounded import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNPARSED: Final[Any] = object()
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Message:
    """A webhook's request, or a message to a subscriber.

    Reads like a `wedload.plan.expressions.expression.Response`. Times are instants, ns.

    All subscribers who got the same bytes share one, whose `at_ns` is that of the first copy: who
    hands it on as one subscriber's sets its times on a copy of it.
    """

    __slots__ = ("_json", "_text", "at_ns", "body", "headers", "since_ns", "status")

    def __init__(
        self,
        at_ns: int,
        body: bytes,
        headers: Mapping[str, str] = _NOTHING,
        *,
        json: Any = _UNPARSED,
        status: int = 0,
    ) -> None:
        """`at_ns`: when its last byte was read; `json`: its content, if `body` has more around."""
        self.at_ns = at_ns
        self.since_ns = at_ns  # when what it answers was sent, once that is known
        self.body = body
        self.headers = headers  # by lower-case name
        self.status = status  # that a webhook was answered with
        self._json = json
        self._text: str | None = None

    @property
    def duration(self) -> int:
        """From what it answers until it was there, ns."""
        return self.at_ns - self.since_ns

    @property
    def waiting(self) -> int:
        """The same: there is no telling sending from waiting."""
        return self.duration

    @property
    def cookies(self) -> Mapping[str, str]:
        """None."""
        return _NOTHING

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        if self._text is None:
            self._text = self.body.decode("utf-8", "replace")
        return self._text

    @property
    def json(self) -> Any:
        """Its content, parsed when first asked for.

        Raises:
            ValueError: it is not JSON.
        """
        if self._json is _UNPARSED:
            self._json = parse_json(self.body)
        return self._json

    def __reduce__(self) -> tuple[Callable[..., Message], tuple[Any, ...]]:
        content = () if self._json is _UNPARSED else (self._json,)
        parts = (self.at_ns, self.since_ns, self.body, dict(self.headers), self.status, *content)
        return _restored, parts


def _restored(
    at_ns: int, since_ns: int, body: bytes, headers: dict[str, str], status: int, *content: Any
) -> Message:
    message = Message(
        at_ns, body, headers, status=status, json=content[0] if content else _UNPARSED
    )
    message.since_ns = since_ns
    return message
