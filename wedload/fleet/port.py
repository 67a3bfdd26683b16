"""The port of a fleet: what a run asks of its load processes, wherever these are.

A fleet hides how many there are, how they are talked to, and which of them does what. It knows
nothing of what a run makes of it: see wedload.run.session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.errors import WorkerError
    from wedload.fleet.messages import LoadDone, Probe, SetupDone, SweepDone
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings


class Watcher(Protocol):
    """Who is told what happens in a fleet."""

    def recorded(self, snapshot: Snapshot) -> None:
        """A load process hands over what it recorded."""

    def lost(self, error: WorkerError) -> None:
        """A load process is gone, or could not do what it was asked for."""

    def silent(self, what: str) -> None:
        """A load process that should speak says nothing; it is lost if that goes on."""


class Fleet(Protocol):
    """Load processes that share one schedule, taken through a run in this order."""

    @property
    def count(self) -> int:
        """How many load processes share the schedule."""

    async def prepare(self, plan: Plan, settings: Settings) -> None:
        """Start the load processes; each compiles its share of the schedule.

        Raises:
            WorkerError: one did not start, or cannot do it.
        """

    async def setup(self) -> SetupDone | None:
        """Run the set-up steps, once; None: the load process that does it was lost."""

    async def get_ready(self, variables: dict[str, Any]) -> None:
        """Connect what is to be there before the load, in all of them, with what set-up captured.

        Raises:
            WorkerError: one cannot.
        """

    async def load(self, variables: dict[str, Any]) -> LoadDone:
        """Drive the load, from the same moment on in all of them.

        With one of them lost the others are aborted: their load is not what was asked for.
        """

    def abort(self) -> None:
        """Let running iterations finish within seconds, start no other."""

    def scale(self, scenario: str, vus: int) -> None:
        """Have so many virtual users in an externally-controlled scenario."""

    def pause(self, scenario: str) -> None:
        """Start no iteration of a scenario."""

    def resume(self, scenario: str) -> None:
        """Start iterations of a scenario again."""

    def probe(self, probe: Probe) -> None:
        """Begin a probe of a search for the capacity, from the same moment on in all of them."""

    def cut_probe(self) -> None:
        """End the probe that is under way."""

    def end_probes(self) -> None:
        """There is no further probe: let the load end."""

    async def teardown(self, variables: dict[str, Any]) -> list[str]:
        """Run the tear-down steps, once, with what set-up captured; what went wrong."""

    async def cleanup(self, left: Callable[[int], None]) -> CleanupCount:
        """Delete what the run created; `left` is told how many requests are left.

        What a lost load process has created, another deletes, if the run keeps a journal; without
        one, what the lost one had told of its list counts as leaked.
        """

    async def sweep(self, variables: dict[str, Any]) -> SweepDone | None:
        """Send the plan's sweep, with what set-up captured; None: nobody was left to do it."""

    def kill(self) -> None:
        """End every load process this instant."""

    async def stop(self) -> None:
        """End every load process: asked first."""
