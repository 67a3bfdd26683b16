"""What a receiver holds all senders to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wedload.units import NS_PER_S

#: most bytes of a request's head, and of what frames its body: what nginx takes at most is 32 kB
HEAD_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of connections and their times."""

    connections: int = 10_000
    #: from a request's first byte to its last: senders that give up do so after 10 to 30 s
    whole_ns: int = 10 * NS_PER_S
    #: for a sender to hear of a refusal, while what it still sends is thrown away
    linger_ns: int = 2 * NS_PER_S
    linger_bytes: int = 32 * 1024 * 1024
    #: between looks at what is overdue
    sweep_ns: int = NS_PER_S
