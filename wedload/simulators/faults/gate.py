"""What a fault is to the bytes of one direction of a connection: a hold, a gate, or a way.

Bytes wait at the gates of all faults in force until they may leave, in pieces, and as long as any
fault holds everything none does. What has left is under way for as long as the latencies say. What
waits when the faults change is what the new ones decide about; what is under way arrives when it
was to. Nothing here knows time but as it is told, and nothing does I/O.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, Protocol

NEVER: Final = 1 << 62  # ns: 146 years
UNLIMITED: Final = 1 << 62  # bytes


class Cut(NamedTuple):
    """The instant at which a fault ends a connection, and how."""

    at_ns: int
    how: Literal["end", "reset"]


class Hold:
    """Lets nothing through as long as it is in force."""

    #: when it ends the connection, if that is known yet
    cut: Cut | None = None

    def holds(self, at_ns: int) -> None:
        """Something would have left at this instant; told once or more often."""


class Gate:
    """Lets everything through at once; each fault says otherwise in what it is about.

    It is told of pieces in their order: `size` bytes, where 0 is the end of what was sent.
    """

    #: bytes that may leave in one piece, 1 or more
    most: int = UNLIMITED
    #: when it ends the connection, if that is known yet
    cut: Cut | None = None

    def leaves_ns(self, at_ns: int, size: int) -> int:  # noqa: ARG002 - other gates look at it
        """When a piece that could leave at `at_ns` may; asked once or more often.

        What it is asked again for the same piece, as the faults have changed, is no earlier.
        """
        return at_ns

    def left(self, at_ns: int, size: int) -> None:
        """The piece has left."""


class Way(Protocol):
    """How long what has left is under way."""

    def takes_ns(self) -> int:
        """That of one piece, ns; another one each time."""
