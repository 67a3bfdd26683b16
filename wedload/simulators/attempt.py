"""What a simulated third party tells of each request: one record, when it is over.

It is the only thing that whoever measures gets to know of a simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: `ok`: done; `wrong`: the request asks for nothing that there is (4xx); `quota`: refused, over a
#: quota; `error`: one of the share that fails; `gone`: the client hung up before its answer. The
#: others: what a fault made of it.
AttemptOutcome = Literal[
    "ok", "wrong", "quota", "error", "gone",
    "status", "down", "reset", "timeout", "empty", "malformed", "cut",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to a simulated third party."""

    dependency: str
    endpoint: str  # `events.insert`, `POST /v3/mail/send`
    operation: str  # what it belongs to, within this endpoint; empty: it does not say
    arrived_ns: int  # its last byte was read
    ended_ns: int  # the last byte of the answer was handed to the socket, or the connection ended
    outcome: AttemptOutcome
    status: int = 0  # that it was answered with; 0: with none
    retry_after_ns: int | None = None  # that it was told to wait
    drawn_ns: int = 0  # the latency that was drawn for it
    done: bool = False  # whether the third party carried it out, whatever the client got to know
    faults: tuple[str, ...] = ()  # names of those that it suffered
    reads: bool = False  # it asked for nothing to be changed: done twice is no harm


#: whoever is told of each attempt; nothing of it waits
Told = Callable[[Attempt], None]
