"""What the coordinator and the ears say to each other, if the plan has channels.

::

    coordinator        ears
    Listen       →
                 ←     Listening       (before load processes are prepared)
    AskClock     →
                 ←     Clock           (a few times)
    Join         →                     (after set-up)
                 ←     Joining …
                 ←     Joined
    Begin        →                     (with the load)
                 ←     Recorded …      (four times a second)
    Settle       →                     (after the load)
                 ←     Settling …
                 ←     Settled
    Quit         →

Or `Failed`, or `Cannot` in place of an answer; the others are in wedload.fleet.messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen for webhooks, and for load processes at the path `link` of a Unix socket."""

    plan: Plan
    settings: Settings
    link: str
    index: int  # that its snapshots have: one more than the last load process


@dataclass(frozen=True, slots=True)
class Listening:
    """Somebody listens; what `${channels.NAME.…}` is."""

    channels: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class AskClock:
    """What time is it?"""


@dataclass(frozen=True, slots=True)
class Clock:
    """The instant on the clock by which messages are stamped."""

    now_ns: int


@dataclass(frozen=True, slots=True)
class Join:
    """Let all subscribers join."""

    variables: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Joining:
    """How many of how many subscribers have joined, of all channels together."""

    joined: int
    of: int


@dataclass(frozen=True, slots=True)
class Joined:
    """They have; `problems` is empty if all is well."""

    problems: list[str]


@dataclass(frozen=True, slots=True)
class Begin:
    """The load begins now: seconds are counted from here."""


@dataclass(frozen=True, slots=True)
class Settling:
    """How many expectations are open, and how many missed messages may come late."""

    open: int
    absent: int


@dataclass(frozen=True, slots=True)
class Settled:
    """All is decided; what stands in the result of each channel beside its metrics."""

    reports: dict[str, dict[str, Any]]
