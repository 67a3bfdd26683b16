"""Heads of responses that were parsed a moment ago, so that they need not be parsed again.

A server under load says the same before each body, until the second in its Date is over. A response
that comes whole, and begins byte for byte like one that the parser has read, is what the parser
would make of it: parsing is a third of what a small response costs. Where every head is another, as
with a request's id in it, the table is full at once and of no use, and rests until the second is
over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response

_END: Final = b"\r\n\r\n"
_MOST_HEADS: Final = 64
_MOST_BYTES: Final = 4 * 1024  # of each
#: responses whose body is not simply what follows the head, or that change what is sent next
_OTHERWISE_FRAMED: Final = frozenset({b"transfer-encoding", b"content-encoding", b"set-cookie"})
_BODYLESS: Final = frozenset({204, 304})


class Head:
    """What a response with a body of known length says before it. Nobody changes one."""

    __slots__ = ("body_bytes", "raw_headers", "size", "status", "text")

    def __init__(self, text: bytes, response: Response) -> None:
        self.text = text
        self.status = response.status
        self.raw_headers = response.raw_headers
        self.size = len(text)
        self.body_bytes = len(response.body)


class KnownHeads:
    """Heads by their bytes."""

    __slots__ = ("_begun_ns", "_by_length", "_found", "_heads", "_rests_until_ns")

    def __init__(self) -> None:
        self._heads: dict[bytes, Head] = {}
        self._begun_ns = 0  # when there were none
        self._found = 0  # since then
        self._rests_until_ns = 0
        self._by_length: dict[int, Head] = {}  # the last of each length of a response

    def of(self, data: bytes, now_ns: int) -> Head | None:
        """The head of a response, if that is known and `data` is all of the response."""
        if now_ns < self._rests_until_ns:
            return None
        head = self._by_length.get(len(data))  # mostly: to hash what is compared takes longer
        if head is None or not data.startswith(head.text):
            head = self._heads.get(data[: data.find(_END) + len(_END)])
            if head is None:
                return None
            if len(data) - head.size == head.body_bytes:
                self._by_length[len(data)] = head
        self._found += 1
        return head if len(data) - head.size == head.body_bytes else None

    def learn(self, data: bytes, response: Response) -> None:
        """Know the head of a response that `data` was all of, if there is room and sense in it."""
        now_ns = response.ended_ns
        if now_ns < self._rests_until_ns:
            return
        if len(self._heads) >= _MOST_HEADS:
            over_ns = self._begun_ns + NS_PER_S
            if now_ns < over_ns:
                if self._found < _MOST_HEADS:  # seldom of use
                    self._rests_until_ns = over_ns
                return
            self._heads.clear()
            self._by_length.clear()
            self._begun_ns, self._found = now_ns, 0
        size = data.find(_END) + len(_END)
        if len(data) - size != len(response.body) or size > _MOST_BYTES:
            return
        names = {name.lower() for name, _ in response.raw_headers}
        if (
            b"content-length" in names
            and _OTHERWISE_FRAMED.isdisjoint(names)
            and response.status not in _BODYLESS
        ):
            text = data[:size]
            self._heads[text] = Head(text, response)


#: of all connections
KNOWN_HEADS: Final = KnownHeads()
