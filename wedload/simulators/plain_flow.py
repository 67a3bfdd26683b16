"""A direction of a connection on which nothing goes wrong. See `wedload.simulators.faults.port`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.plan.faults import Fault
    from wedload.simulators.faults.port import FlowSink


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a flow leads to, of functions. Implements `FlowSink`."""

    deliver: Callable[[bytes], None]
    end: Callable[[], None]
    reset: Callable[[], None]


class PlainFlow:
    """Passes on what it is fed, at once."""

    __slots__ = ("_sink",)

    held_bytes = 0
    suffered: tuple[str, ...] = ()

    def __init__(self, sink: FlowSink) -> None:
        self._sink: FlowSink | None = sink

    def feed(self, data: bytes) -> None:
        """See `Flow`."""
        if self._sink is not None:
            self._sink.deliver(data)

    def feed_end(self) -> None:
        """See `Flow`."""
        if self._sink is not None:
            self._sink.end()

    def close(self) -> None:
        """See `Flow`."""
        self._sink = None


def plain_flows(up: FlowSink, down: FlowSink) -> tuple[PlainFlow, PlainFlow]:
    """Those of a connection where no fault is to be expected."""
    return PlainFlow(up), PlainFlow(down)


class Calm:
    """No fault, ever. See `Injections`."""

    active: tuple[Fault, ...] = ()

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:  # noqa: ARG002 - the port's signature
        """Nothing will change."""
        return lambda: None
