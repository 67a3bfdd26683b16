"""What the coordinator and a load process, the ears, or the third parties say to each other.

::

    coordinator        load process
    Prepare      →
                 ←     Prepared
    Setup        →                     (the first load process only)
                 ←     SetupDone
    GetReady     →
                 ←     Ready
    Load         →
                 ←     Recorded …      (four times a second)
    Scale, Pause, Resume →             (when somebody steers the run; any number of times)
    Probe, CutProbe →                  (of a search for the capacity; any number of times)
    EndProbes    →                     (at its end)
    Abort        →                     (if need be)
                 ←     LoadDone
    Teardown     →                     (the first only)
                 ←     TeardownDone
    Cleanup      →
                 ←     CleanupLeft …
                 ←     CleanupDone
    Recover      →                     (one, if others are gone that created something)
                 ←     CleanupLeft …
                 ←     CleanupDone
    Sweep        →                     (the first only, if the plan has one)
                 ←     SweepDone
    Quit         →

And to the ears, if the plan has channels, to the process that plays third parties, and to the one
that receives spans: see wedload.fleet.ears_messages, party_messages and span_messages.

Or, at any time, `Failed`, or `Cannot` in place of an answer. Messages are pickled: both ends are
processes of one run, on a socket pair that nobody else can open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wedload.fleet.ears_messages import (
    AskClock,
    Begin,
    Clock,
    Join,
    Joined,
    Joining,
    Listen,
    Listening,
    Settled,
    Settling,
)
from wedload.fleet.party_messages import (
    BeginParties,
    EndFaults,
    Observe,
    Observing,
    OpenParties,
    PartiesBegun,
    PartiesOpened,
    PartiesSettled,
)
from wedload.fleet.span_messages import OpenSpans, SettleSpans, SpansOpened, SpansSettled

if TYPE_CHECKING:
    from fractions import Fraction

    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.snapshot import Snapshot
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings
    from wedload.workload.segment import Segment
    from wedload.workload.verbs.sql import SlowestQuery


@dataclass(frozen=True, slots=True)
class Prepare:
    """Compile this, and be ready."""

    plan: Plan
    settings: Settings
    segment: Segment


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Run the set-up steps."""


@dataclass(frozen=True, slots=True)
class SetupDone:
    """Set-up has run; `problems` is empty if all is well."""

    variables: dict[str, Any]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class GetReady:
    """Connect what is to be there before the load, with what set-up captured."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """The load can begin."""


@dataclass(frozen=True, slots=True)
class Load:
    """Start the load now."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Samples since the last one, and how much there is to clean up since the start."""

    snapshot: Snapshot
    created: int = 0


@dataclass(frozen=True, slots=True)
class LoadDone:
    """The load is over."""

    ended_early: list[tuple[str, str]]  # scenarios that ended before their schedule, and why
    missing: dict[str, float]  # scenario -> what it missed of its load, in its schedule's unit
    slowest: list[SlowestQuery] = field(default_factory=list)  # to be explained, one a step


@dataclass(frozen=True, slots=True)
class Abort:
    """Let running iterations finish within seconds, start no other."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Have so many virtual users in an externally-controlled scenario, over all load processes."""

    scenario: str
    vus: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Start no iteration of a scenario."""

    scenario: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Start iterations of a scenario again."""

    scenario: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Begin a probe now: a warm-up and a stretch that is judged, at rates by scenario, per s."""

    number: int  # from 1
    rates: dict[str, Fraction]  # over all load processes
    warm_ns: int
    judged_ns: int


@dataclass(frozen=True, slots=True)
class CutProbe:
    """End the probe that is under way."""


@dataclass(frozen=True, slots=True)
class EndProbes:
    """There is no further probe: let the load end."""


@dataclass(frozen=True, slots=True)
class Teardown:
    """Run the tear-down steps, with what set-up captured."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TeardownDone:
    """Tear-down has run."""

    problems: list[str]


@dataclass(frozen=True, slots=True)
class Cleanup:
    """Delete what the run created."""


@dataclass(frozen=True, slots=True)
class Recover:
    """Delete what the run's journal says that load processes of these indices have created.

    They are gone. None: all that it says.
    """

    indices: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class CleanupLeft:
    """How far clean-up is."""

    count: CleanupCount


@dataclass(frozen=True, slots=True)
class CleanupDone:
    """Clean-up has run."""

    count: CleanupCount


@dataclass(frozen=True, slots=True)
class Sweep:
    """Send the plan's sweep, with what set-up captured."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SweepDone:
    """The sweep was sent."""

    problem: str | None  # why it is not done
    number: int | None  # of what it deleted, if its answer says so


@dataclass(frozen=True, slots=True)
class Settle:
    """The load is over: wait for what is expected, until the last deadline or for so long."""

    patience_s: float | None


@dataclass(frozen=True, slots=True)
class Quit:
    """End."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The load process cannot go on: a file that it needs, or a defect."""

    message: str
    trace: str | None  # of a defect


@dataclass(frozen=True, slots=True)
class Cannot:
    """What was asked for cannot be done, for a reason that people can mend."""

    message: str
    hint: str | None


Message = (
    Prepare | Prepared | Setup | SetupDone | GetReady | Ready | Load | Recorded | LoadDone | Abort
    | Probe | CutProbe | EndProbes | Scale | Pause | Resume | Teardown | TeardownDone | Cleanup
    | CleanupLeft | CleanupDone | Recover | Sweep | SweepDone | Quit | Failed | Cannot | Listen
    | Listening | AskClock | Clock
    | Join | Joining | Joined | Begin | Settle | Settling | Settled | OpenParties | PartiesOpened
    | Observe | Observing | EndFaults | PartiesSettled | BeginParties | PartiesBegun | OpenSpans
    | SpansOpened | SettleSpans | SpansSettled
)  # fmt: skip
#: what a process says on the way to an answer
Progress = Recorded | CleanupLeft | Joining | Settling
