"""What the virtual users of one scenario share in a load process."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wedload.clock import Clock
from wedload.engine.deletion import CleanupList
from wedload.engine.pacing import Pace
from wedload.engine.port import Drivers, HttpClients, Remember
from wedload.engine.scope import Scope
from wedload.engine.tracing import Tracer
from wedload.metrics.catalogue import Catalogue
from wedload.metrics.recorder import Recorder
from wedload.plan.model import Plan
from wedload.safety.journal.writer import LoadJournal
from wedload.workload.compile_plan import NO_PHASE, Settings
from wedload.workload.compiled import CompiledIdentity
from wedload.workload.feeders import RowSource
from wedload.workload.phases import PhaseTimeline
from wedload.workload.request import Origin
from wedload.workload.synthetic import Synthetic


@dataclass(slots=True)
class Shared:
    """What everything in a load process shares."""

    clock: Clock
    recorder: Recorder
    catalogue: Catalogue
    http: HttpClients
    cleanup: CleanupList
    sources: Mapping[str, RowSource]
    plan: Plan
    settings: Settings
    #: of all requests, if the target has a highest rate
    pace: Pace | None = None
    #: whether a virtual user's connections end with each iteration
    fresh_connections: bool = False
    #: variables of the plan and what set-up captured: every iteration starts with these
    variables: dict[str, Any] = field(default_factory=dict)
    #: evaluated for each virtual user, before anything else
    plan_variables: tuple[tuple[str, Callable[[Any], Any]], ...] = ()
    #: by verb; of those that the plan's steps have
    drivers: dict[str, Drivers] = field(default_factory=dict)
    #: where it is kept what was created; None: nowhere but in memory
    journal: LoadJournal | None = None
    #: starts nothing any more, in no scenario
    give_up: Callable[[str], None] | None = None
    #: what steps expect of channels (wedload.engine.expecting), if the plan awaits or publishes
    expectations: Any = None
    remember: Remember | None = None
    #: as `wedload.workload.compile_plan.Workload` has them
    homes: Mapping[Origin, Origin] = field(default_factory=dict)
    #: which requests are traced; none, if the plan does not say so
    tracer: Tracer = field(default_factory=Tracer)
    #: series of a step -> its slowest query (wedload.workload.verbs.sql), if it is to be explained
    slowest: dict[int, Any] = field(default_factory=dict)

    def perhaps_created(self, intent: int, sent_bytes: int = 1) -> None:
        """Count a request that nobody can undo; `intent`: its number in the journal, or 0."""
        self.cleanup.perhaps_created(sent_bytes)
        if intent and sent_bytes and self.journal is not None:
            self.journal.perhaps(intent)

    def intend(self) -> int:
        """Tell the journal that something is about to be created; its number there.

        Raises:
            JournalError: it cannot be told.
        """
        assert self.journal is not None
        return self.journal.intend()

    def over(self, intent: int) -> None:
        """A step that was to create something has ended, and there is nothing to delete."""
        if intent and self.journal is not None:
            self.journal.nothing(intent)


@dataclass(slots=True)
class ScenarioContext:
    """What the virtual users of one scenario share."""

    shared: Shared
    name: str
    identities: Mapping[str, CompiledIdentity]
    origin_ns: int  # instant of the scenario's start
    phases: PhaseTimeline  # instants

    def phase_at(self, instant_ns: int) -> int:
        """The phase that a sample belongs to which began at an instant."""
        phases = self.phases
        if phases.begin_ns <= instant_ns < phases.end_ns:  # as it mostly is
            return phases.phase
        return phases.at(instant_ns)

    def stage_now(self) -> str:
        """Name of the stage in force; empty after the last."""
        phase = self.phase_at(self.shared.clock.now_ns())
        return self.shared.catalogue.phases[phase].stage or ""

    def scope(self, vu: int) -> Scope:
        """The scope of a virtual user (from 0), with random numbers of its own."""
        rng = random.Random(f"{self.shared.settings.seed}/{self.name}/{vu}")  # noqa: S311 - repeatable on purpose
        return Scope(
            scenario=self.name,
            vu=vu + 1,
            env=self.shared.settings.env.plain,
            rng=rng,
            synthetic=Synthetic(rng),
            sources=self.shared.sources,
            stage=self.stage_now,
            addresses=self.shared.settings.addresses,
            secrets=self.shared.settings.secrets.plain,
        )


def outside_of_load(
    shared: Shared, name: str, identities: Mapping[str, CompiledIdentity]
) -> ScenarioContext:
    """The context of what runs before or after the load."""
    phases = PhaseTimeline(((0, NO_PHASE),))
    return ScenarioContext(shared, name, identities, shared.clock.now_ns(), phases)
