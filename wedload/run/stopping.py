"""How a run is ended early: where it stands, and what an interrupt or a missed row means. Pure.

A first interrupt asks a run to stop, a second one insists. Up to the load, that is to stop at once;
past it, the load is there to be judged, and only what is left to delete is given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wedload.verdict.wording import missed

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.verdict.model import Abort

#: "stopping": the load is being ended; "settling": it is over, and channels wait for what it has
#: caused; "finishing": tear-down and clean-up; "saving": the result
Phase = Literal["starting", "setting up", "load", "stopping", "settling", "finishing", "saving"]

#: "cancel": give up what has not begun; "kill": give up everything, with all processes
Doing = Literal["nothing", "cancel", "stop load", "end finishing", "kill"]


class InterruptedRunError(Exception):
    """A run was interrupted where there is nothing to judge, or was told to stop at once."""

    def __init__(self, message: str, recording: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.recording = recording  # of the load as far as it went


class Order(NamedTuple):
    """What is to be done now, and what people are told of it."""

    do: Doing
    tell: str | None = None


NOTHING: Final = Order("nothing")
_KILL: Final = Order("kill")
_AT_ONCE: Final = "interrupt again to stop at once"
_FIRST: Final[dict[Phase, Order]] = {
    "starting": Order("cancel"),
    "setting up": Order("nothing", f"stopping after set-up; {_AT_ONCE}"),
    "load": Order("stop load", f"stopping: iterations under way get 5 s; {_AT_ONCE}"),
    "stopping": Order("nothing", f"stopping already; {_AT_ONCE}"),
    "settling": Order("nothing", f"listening for a few seconds more at most; {_AT_ONCE}"),
    "finishing": Order("nothing", "finishing; interrupt again to leave behind what is left"),
    "saving": NOTHING,
}
_AGAIN: Final[dict[Phase, Order]] = {
    "starting": _KILL,
    "setting up": _KILL,
    "load": _KILL,
    "stopping": _KILL,
    "settling": _KILL,
    "finishing": Order("end finishing", "leaving behind what is left"),
    "saving": NOTHING,
}


@dataclass(slots=True)
class Stopping:
    """Where a run stands, and whether and why it is being ended early."""

    phase: Phase = "starting"
    interrupts: int = 0
    abort: Abort | None = None  # what ended the load, if a row did
    cut: bool = False  # the load was ended by an interrupt
    stopped_load: bool = False  # by whatever it was
    gave_up: bool = False  # tear-down or clean-up were cut off
    at_once: bool = False  # everything was
    because: str | None = None  # what interrupted it, if that was no person at its terminal

    def interrupted(self) -> Order:
        """What one more interrupt asks for."""
        self.interrupts += 1
        if self.at_once or self.gave_up:
            return NOTHING
        order = (_FIRST if self.interrupts == 1 else _AGAIN)[self.phase]
        match order.do:
            case "stop load":
                self.cut = True
                self._stop_load()
            case "end finishing":
                self.gave_up = True
            case "kill":
                self.at_once = True
        return order

    def switched_off(self, by: str) -> Order:
        """The kill switch is on: as a first interrupt, where there is load to stop."""
        if self.interrupts or self.phase not in {"starting", "setting up", "load", "settling"}:
            return NOTHING
        self.because = by
        order = self.interrupted()
        told = [f"stopped by {by}", order.tell]
        return Order(order.do, "; ".join(filter(None, told)))

    def missed(self, abort: Abort) -> Order:
        """What a row asks for that is to abort the load, and is certainly missed."""
        if self.phase != "load":
            return NOTHING
        self.abort = abort
        self._stop_load()
        return Order("stop load", f"stopping: {missed(abort.row).rstrip('.')}")

    def lost(self) -> None:
        """A load process is lost: its fleet ends the load of the others."""
        if self.phase == "load":
            self._stop_load()

    def outcome(self) -> str:
        """What becomes of a run that is not judged, for people."""
        if self.at_once and self.phase != "starting":
            return "stopped at once: nothing was judged, and nothing cleaned up"
        left = "; clean-up was cut off" if self.gave_up else ""
        by = f" by {self.because}" if self.because else ""
        return f"interrupted{by} before the load; nothing to judge{left}"

    def _stop_load(self) -> None:
        self.phase = "stopping"
        self.stopped_load = True
