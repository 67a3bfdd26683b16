"""What a resource is to who samples it. Knows no kind of resource, and no plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.levels import Level


class SourceError(Exception):
    """A resource could not be sampled: why, in a few words that are the same each time."""


class Source(Protocol):
    """A resource that can be sampled.

    Of what only grows, a sample is how much it grew since the last one, so the first look at
    something has none of that.
    """

    async def open(self) -> None:
        """Find it, and look at it for the first time; asked again if it fails.

        Raises:
            SourceError: it cannot be sampled now.
        """

    async def sample(self) -> Mapping[str, Level]:
        """Quantities that are known, by name.

        Raises:
            SourceError: it cannot be sampled now.
        """

    async def finish(self) -> Mapping[str, Any]:
        """The load is over: what stands in the result beside the levels, as its model has it."""

    async def close(self) -> None:
        """Let go of it; also of one that was never opened."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """What nobody can find, at least not now; says why each time. A `Source`."""

    why: str

    async def open(self) -> None:
        """See `Source.open`."""
        raise SourceError(self.why)

    async def sample(self) -> Mapping[str, Level]:
        """See `Source.sample`."""
        raise SourceError(self.why)

    async def finish(self) -> Mapping[str, Any]:
        """Nothing is known of it."""
        return {}

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class Notes:
    """What is to be known of figures; each thing once."""

    said: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Note something."""
        self.said.setdefault(text)

    @property
    def report(self) -> dict[str, Any]:
        """As a result has them."""
        return {"notes": list(self.said)}
