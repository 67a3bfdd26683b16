"""The ports between faults and what suffers them: the timeline, and one direction of a connection.

`Injections` is what a dependency or a proxy is broken by at the moment; `Flow` passes the bytes of
one direction of a connection on, as its faults have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.plan.faults import Fault


class Injections(Protocol):
    """The faults in force on one dependency or proxy."""

    @property
    def active(self) -> tuple[Fault, ...]:
        """Those in force now, in the order of the plan."""

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever `active` is another; gives what ends that."""


class Flow(Protocol):
    """One direction of one connection. Nothing that was fed is forgotten when faults change."""

    def feed(self, data: bytes) -> None:
        """Data has come; it is passed on in its order, when and as the faults have it."""

    def feed_end(self) -> None:
        """The side that sends has ended its half."""

    @property
    def held_bytes(self) -> int:
        """How much was fed and is not passed on: who feeds is to stop above some limit."""

    @property
    def suffered(self) -> tuple[str, ...]:
        """Names of the faults that any data of it has suffered."""

    def close(self) -> None:
        """Nothing is passed on any more."""


class FlowSink(Protocol):
    """Where a flow leads to."""

    def deliver(self, data: bytes) -> None:
        """Write these bytes."""

    def end(self) -> None:
        """Close the connection, what was written before it included."""

    def reset(self) -> None:
        """Abort the connection: a TCP reset (SO_LINGER 0)."""
