"""What a simulated third party holds all clients to."""

from __future__ import annotations

from dataclasses import dataclass

from wedload.units import NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of connections, their requests, and their times."""

    connections: int = 10_000
    head_bytes: int = 64 * 1024  # of a request's head, and of what frames its body
    body_bytes: int = 30_000_000  # SendGrid takes 30 MB
    queued: int = 16  # requests of a connection that wait for the one before
    held_bytes: int = 1_000_000  # that faults hold back either way, before no more is read
    #: from a request's first byte to its last
    whole_ns: int = 30 * NS_PER_S
    #: for a client to hear of a refusal, while what it still sends is thrown away
    linger_ns: int = 2 * NS_PER_S
    linger_bytes: int = 32 * 1024 * 1024
    #: between looks at what is overdue
    sweep_ns: int = NS_PER_S
