"""Ending a run early: what is done about what it has under way, whatever asks for its end.

What that means at each point of a run is said in wedload.run.stopping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.run import interrupts
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wedload.fleet.port import Fleet
    from wedload.report.view import RunView
    from wedload.run.beside import Beside
    from wedload.run.stopping import Order, Stopping

#: load processes end their load by themselves when `max_duration` is over, in a few seconds
_LAST_S: Final = 15.0


class EndingEarly:
    """What a run has under way, each from when there is such a thing, and how that is ended."""

    def __init__(self, stopping: Stopping, notice: Callable[[str], None]) -> None:
        self._stopping = stopping
        self._notice = notice
        self._view: RunView | None = None
        self._most_s: float | None = None  # that the load may last
        self.task: asyncio.Task[Any] | None = None  # that runs all of it
        self.fleet: Fleet | None = None
        self.beside: Beside | None = None

    def know(self, view: RunView, max_duration_ns: int | None) -> None:
        """It is known what is to come, and how long the target allows it to last."""
        self._view = view
        self._most_s = None if max_duration_ns is None else max_duration_ns / NS_PER_S

    def interrupt(self) -> None:
        """A signal, or somebody who asks for the same."""
        self._follow(self._stopping.interrupted())

    def switch_off(self, by: str) -> None:
        """The kill switch is on: by what."""
        self._follow(self._stopping.switched_off(by))

    def abort_if_missed(self) -> None:
        """End the load as a first interrupt does, if a row that is to abort it is missed."""
        if self._view is not None and (abort := self._view.collected.abort) is not None:
            self._follow(self._stopping.missed(abort))

    def kill_if_over(self) -> None:
        """End load processes that go on although the target's `max_duration` is long over."""
        view, most_s, fleet = self._view, self._most_s, self.fleet
        if view is None or most_s is None or fleet is None or view.elapsed_s <= most_s + _LAST_S:
            return
        self._most_s = None
        self._notice("the target's max_duration is over: ending all load processes")
        fleet.kill()

    def _follow(self, order: Order) -> None:
        if order.do == "stop load" and self.fleet is not None and self._view is not None:
            self._view.timed.stop(self._view.elapsed_s)
            self.fleet.abort()
            if self.beside is not None:
                self.beside.end_faults()
        elif order.do in {"end finishing", "kill"} and self.fleet is not None:
            self.fleet.kill()
            if self.beside is not None:
                self.beside.kill()
        if order.do in {"nothing", "stop load"} and self.beside is not None:
            self.beside.hurry()
        if order.do in {"cancel", "kill"}:
            assert self.task is not None
            self.task.cancel()
        if order.do == "kill":
            interrupts.ignore()
        if order.tell is not None:
            self._notice(order.tell)
