"""The realtime side's own exact counts. Knows nothing of what it counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class QuotaErrors:
    """How often each quota was told to a client."""

    connections: int = 0
    joins: int = 0
    messages: int = 0


@dataclass(slots=True)
class Published:
    """Messages by what they were, whether anybody listened or not."""

    broadcasts: int = 0
    changes: int = 0
    events: int = 0
    messages: int = 0


@dataclass(slots=True)
class Counts:
    """What `/_sandbox/counts` shows under `realtime`.

    `connections` and `joined` are those open now, `connected` and `joins` all there ever were.
    `copies` are what was written of the messages: one for each subscriber, less those lost, more
    those sent twice.
    """

    connections: int = 0
    connected: int = 0
    joined: int = 0
    joins: int = 0
    published: Published = field(default_factory=Published)
    copies: int = 0
    slow_consumers: int = 0
    silent: int = 0
    quota: QuotaErrors = field(default_factory=QuotaErrors)

    def as_dict(self) -> dict[str, object]:
        """A copy, for JSON."""
        return asdict(self)
