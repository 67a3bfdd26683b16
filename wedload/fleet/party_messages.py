"""What the coordinator and the process that plays third parties say to each other.

There is one if the plan has third parties, or proxies::

    coordinator        third parties
    OpenParties  →
                 ←     PartiesOpened   (before the target is started, which is told of them)
    Observe      →
                 ←     Observing       (before load processes are prepared)
    BeginParties →                     (just before the load; faults count from here)
                 ←     PartiesBegun
                 ←     Recorded …      (four times a second)
    EndFaults    →                     (if the load is ended early)
    Settle       →                     (after the load)
                 ←     PartiesSettled
    Quit         →

Or `Failed`, or `Cannot` in place of an answer; the others are in wedload.fleet.messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wedload.plan.model import Plan
    from wedload.plan.secrets.vault import Vault
    from wedload.workload.compile_plan import Settings


@dataclass(frozen=True, slots=True)
class OpenParties:
    """Play the third parties of a plan, and open its proxies."""

    plan: Plan
    seed: int
    time_scale: float
    env: Vault
    addresses: frozenset[str] = frozenset()  # beyond this machine, that proxies may connect to


@dataclass(frozen=True, slots=True)
class PartiesOpened:
    """They are there: by name, what `${dependencies.NAME.…}` and `${proxies.NAME.…}` are."""

    dependencies: dict[str, dict[str, str]]
    proxies: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Observe:
    """The target is there: lead to it what is to, and observe what comes from now on."""

    plan: Plan
    settings: Settings
    sandbox: str | None  # URL where proxies before it lead; None: there is no sandbox
    index: int  # that its snapshots have: one more than the process before it


@dataclass(frozen=True, slots=True)
class Observing:
    """The load can begin."""


@dataclass(frozen=True, slots=True)
class BeginParties:
    """The load begins as soon as this is answered: what comes from now on is part of it."""


@dataclass(frozen=True, slots=True)
class PartiesBegun:
    """Seconds, and faults, are counted from here."""


@dataclass(frozen=True, slots=True)
class EndFaults:
    """End all faults, and begin no more."""


@dataclass(frozen=True, slots=True)
class PartiesSettled:
    """All is recorded; what stands in the result of each beside its metrics."""

    dependencies: dict[str, dict[str, Any]]
    proxies: dict[str, dict[str, Any]]
