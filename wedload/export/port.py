"""Who sends the figures of a run on, and what becomes of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wedload.export.model import Picture


class ExportError(Exception):
    """Something could not be sent: says where to, and why; never what is secret."""

    def __init__(self, message: str, *, lasting: bool = False, rest_s: float = 0.0) -> None:
        """`lasting`: it was refused, so that sending the same again is of no use.

        `rest_s`: how long nothing is wanted to be sent, as `Retry-After` said.
        """
        super().__init__(message)
        self.message = message
        self.lasting = lasting
        self.rest_s = rest_s


def reason(error: Exception) -> str:
    """Why something failed, in the system's words, without the addresses that others add."""
    cause = getattr(error, "os_error", error)  # of what aiohttp makes of it
    number = getattr(cause, "errno", None) or 0
    known = os.strerror(number) if number > 0 else getattr(cause, "strerror", None)
    return known or type(error).__name__


@dataclass(slots=True)
class Delivery:
    """What became of all that one exporter was to send."""

    name: str  # of the exporter: its key in the plan
    to: str  # where, without what is secret
    sent: int = 0  # pictures that arrived
    failed: int = 0  # that did not, whatever was tried
    skipped: int = 0  # that were not tried, as the one before was still under way
    problem: str | None = None  # the last one


class Exporter(Protocol):
    """Sends pictures somewhere, one at a time; cancelled where it takes too long."""

    @property
    def name(self) -> str:
        """Its key in the plan: `prometheus.remote_write`."""

    @property
    def to(self) -> str:
        """Where it sends to, without what is secret."""

    async def open(self) -> None:
        """Get ready, before the load.

        Raises:
            ExportError: it will not work as it is; the run goes on without.
        """

    async def send(self, picture: Picture) -> None:
        """Send a picture; of the last one also what ends its series.

        Raises:
            ExportError: it did not arrive.
        """

    async def close(self) -> None:
        """There is nothing more to send."""
