"""What is collected of a run, as it goes on or from its recording, and what it comes to. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wedload.metrics.all_steps import all_outcomes
from wedload.metrics.pair_slots import PairSlots
from wedload.metrics.summary import Summary
from wedload.metrics.timeline import Timeline
from wedload.verdict.channel_findings import ears_findings, undecided_findings
from wedload.verdict.dependency_findings import parties_findings
from wedload.verdict.exhaustion import exhaustion_findings
from wedload.verdict.fault_account import FaultAccount, with_amplification
from wedload.verdict.fault_rows import fault_findings, fault_rows
from wedload.verdict.judge import judge
from wedload.verdict.level_rows import LevelRows
from wedload.verdict.limit_findings import Cap, bound_by, limit_findings
from wedload.verdict.timed_rows import TimedRows
from wedload.verdict.unanswered import unanswered_findings
from wedload.verdict.validity import dropped_findings, generator_findings, generator_health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.snapshot import Snapshot
    from wedload.metrics.summary import Where
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.goodput import FaultEffect
    from wedload.verdict.model import Abort, Finding, Row, Verdict
    from wedload.verdict.validity import GeneratorHealth


@dataclass(slots=True)
class Collected:
    """The snapshots of a run, as a whole, by second, and for the rows about a part of the load."""

    benchmarks: Mapping[str, Requirement]  # in the time scale of the run
    summary: Summary
    timeline: Timeline
    timed: TimedRows
    levels: LevelRows
    ears: int | None = None  # number of the process that listens to channels, if there is one
    parties: int | None = None  # … and of the one that plays third parties
    within_ms: float | None = None  # the shortest deadline of what is expected of them
    faults: FaultAccount = field(default_factory=FaultAccount)
    pairs: PairSlots = field(default_factory=PairSlots)  # what both ways of routes differ by
    cap: Cap | None = None  # of the target's requests, if it has a highest rate

    @staticmethod
    def of(
        catalogue: Catalogue,
        benchmarks: Mapping[str, Requirement],
        *,
        workers: int,
        schedule_s: float,
        arrivals: bool,
        ears: int | None = None,
        parties: int | None = None,
        within_ms: float | None = None,
        faults: FaultAccount | None = None,
        max_rate_per_s: float | None = None,
    ) -> Collected:
        """Of a run that has not begun.

        `workers`: processes that will tell of it; `schedule_s`: when its last scenario is to end;
        `arrivals`: whether there are arrival rates, whose users' waits are kept by second; `ears`:
        the process among them that listens to channels, if there is one; `parties`: the one that
        plays third parties; `within_ms`: the shortest deadline of what is expected of channels;
        `faults`: those of the plan, with its stages; `max_rate_per_s`: requests that the target
        gets at most.
        """
        kept = {one.metric for one in benchmarks.values() if one.kind == "trend"}
        if arrivals:
            kept.add("response_time")
        timed = TimedRows(catalogue, benchmarks, workers=workers, schedule_s=schedule_s)
        return Collected(
            benchmarks, Summary(catalogue), Timeline(kept), timed,
            LevelRows(catalogue, benchmarks), ears, parties, within_ms,
            faults or FaultAccount(), PairSlots(),
            None if max_rate_per_s is None else Cap(max_rate_per_s, workers, arrivals),
        )  # fmt: skip

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; those of one load process come in order."""
        if snapshot.levels:  # of no load process
            self.levels.add(snapshot)
            return
        self.summary.add(snapshot)
        self.timeline.add(snapshot)
        self.timed.add(snapshot)
        self.pairs.add(snapshot)

    @property
    def abort(self) -> Abort | None:
        """The row that is to end the load, if one is certainly missed."""
        return self.timed.abort or self.levels.abort

    def rows_aside(self, load_s: float) -> dict[str, Row]:
        """The rows that are not about all of the load, as they stand while it goes on."""
        over = min(self.timeline.newest - 1, math.floor(load_s))  # seconds that are, everywhere
        of_faults = self._fault_rows(max(over, 0), final=False)
        return {**self.timed.rows(load_s), **of_faults, **self.levels.rows()}

    def _effects(self, seconds: int, where: Where = ()) -> tuple[FaultEffect, ...]:
        return self.faults.effects(self.summary, self.timeline, seconds, self.timed.idle, where)

    def _fault_rows(self, seconds: int, *, final: bool, aborted: bool = False) -> dict[str, Row]:
        def effects_of(where: Where) -> Sequence[FaultEffect]:
            found = self._effects(seconds, where)
            return (
                [with_amplification(one, self.faults.faults, self.summary) for one in found]
                if final
                else found
            )

        return fault_rows(self.benchmarks, effects_of, final=final, aborted=aborted)

    def judged(
        self,
        findings: Sequence[Finding],
        *,
        load_s: float,
        whole_s: float | None = None,
        abort: Abort | None = None,
    ) -> tuple[GeneratorHealth, Verdict]:
        """How the generator fared, and what the run decides, now that nothing more comes.

        `findings` are those of its course; `load_s` is how long the load lasted, `whole_s` how much
        of that is there in full, if not all of it; `abort` is what ended it, if a row did.
        """
        seconds, aborted = int(load_s if whole_s is None else whole_s), abort is not None
        self.timed.finish(load_s if whole_s is None else whole_s)
        self.timeline.close()
        health = generator_health(
            self.timeline.health,
            self.benchmarks,
            ears=self.ears,
            parties=self.parties,
            within_ms=self.within_ms,
        )
        every = [*findings, *self._findings(health, load_s, aborted=aborted)]
        of_faults = self._fault_rows(seconds, final=True, aborted=aborted)
        timed = {**of_faults, **self.timed.rows(load_s, abort), **self.levels.rows(abort)}
        verdict = judge(
            self.summary, self.benchmarks, every, load_s=load_s, timed=timed, abort=abort
        )
        effects = (
            with_amplification(one, self.faults.faults, self.summary)
            for one in self._effects(seconds)
        )
        return health, replace(verdict, faults=tuple(effects))

    def _findings(self, health: GeneratorHealth, load_s: float, *, aborted: bool) -> list[Finding]:
        """Those that are found in what is collected."""
        return [
            *dropped_findings(self.summary, capped=bound_by(self.summary, self.cap, load_s)),
            *limit_findings(self.summary, self.cap, load_s, aborted=aborted),
            *generator_findings(health),
            *ears_findings(health.ears),
            *parties_findings(health.parties),
            *undecided_findings(self.summary),
            *exhaustion_findings(all_outcomes(self.summary)),
            *fault_findings(self.faults.faults, load_s, aborted=aborted),
            *unanswered_findings(self.summary, self.benchmarks, aborted=aborted),
        ]
