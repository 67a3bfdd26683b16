"""The ports of channels: what an ear is given, whom it tells, and what a run asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from wedload.safety.target_guard import LOOPBACK_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.channels.keys import Keys
    from wedload.channels.message import Message
    from wedload.channels.scope import ChannelScope
    from wedload.clock import Clock
    from wedload.plan.channels import Channel
    from wedload.plan.model import Target
    from wedload.safety.target_guard import TargetGuard


class Place(NamedTuple):
    """Where a message stands in the order of its entity."""

    entity: str
    sequence: float


class Hearing(Protocol):
    """Whom an ear tells what it hears: one for each channel. Nothing of it waits."""

    def heard(
        self, key: str, at_ns: int, subscriber: int, place: Place | None, message: Message
    ) -> None:
        """A message is there that counts: a webhook's first accepted arrival, or one to somebody.

        `subscriber`: from 0; of a webhook 0.
        """

    def arrived(self, key: str, at_ns: int) -> None:
        """A webhook is there for the first time that is not accepted (yet)."""

    def unexpected(self, message: Message) -> None:
        """A message is there that nobody can expect: it has no key."""

    def joined(self, subscriber: int, at_ns: int) -> None:
        """A subscriber gets every message from now on."""

    def left(self, subscriber: int, at_ns: int) -> None:
        """It does not any more."""

    def count(self, metric: str, outcome: str = "", by: int = 1) -> None:
        """Add to a counter of the channel."""

    def timed(self, metric: str, duration_ns: int) -> None:
        """Add to a trend of the channel."""

    def note(self, text: str) -> None:
        """Keep a text that explains a failure."""


@dataclass(frozen=True, slots=True)
class EarContext:
    """What an ear of a channel is given."""

    name: str  # of the channel
    channel: Channel
    keys: Keys
    hearing: Hearing
    scope: ChannelScope  # where templates get their values; its variables come with `join`
    clock: Clock
    base_url: str  # of the target, to which a URL may be relative
    target: Target
    seed: int
    run_headers: Mapping[str, str] = field(default_factory=dict)  # say of which run it is
    guard: TargetGuard = LOOPBACK_ONLY  # says where the channel may go


class Ear(Protocol):
    """What listens for one channel."""

    async def listen(self) -> str | None:
        """Be there for senders: the URL of a webhook's receiver, before set-up.

        Raises:
            EarError: it cannot.
        """

    async def join(self, progress: Callable[[int, int], None]) -> list[str]:
        """Let every subscriber join, after set-up; `progress` is told how many of how many have.

        Gives what went wrong, which ends the run before its load; empty if all is well.
        """

    def report(self) -> dict[str, Any]:
        """What stands in the result of the channel beside its metrics, as JSON can say it."""

    async def close(self) -> None:
        """End it, after the load and the last deadline."""
