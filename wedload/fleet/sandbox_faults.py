"""Faults in the embedded sandbox's own services: it is told the whole schedule as the load begins.

It follows the schedule by itself, as whoever is not the sandbox cannot know when a request of it
reaches its database.
"""

from __future__ import annotations

import asyncio
import http.client
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from wedload.errors import TargetError
from wedload.plan.distribution import Distribution
from wedload.units import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.plan.faults import Fault

_PREFIX: Final = "sandbox."
_PATH: Final = "/_sandbox/faults"
_TOKEN: Final = "WEDLOAD_SANDBOX_TOKEN"  # noqa: S105 - the variable that holds it, not the token
_TIMEOUT_S: Final = 5.0


def sandbox_schedule(faults: Iterable[Fault], time_scale: float) -> list[dict[str, Any]]:
    """The faults of a plan on services of the sandbox, as it reads them; none: an empty list."""
    return [
        {
            "service": on.removeprefix(_PREFIX),
            "begin_s": round(fault.at * time_scale) / NS_PER_S,
            "end_s": round((fault.at + fault.for_) * time_scale) / NS_PER_S,
            **_latency(fault),
            "status": fault.status,
            "down": fault.down,
            "toxicity": fault.toxicity,
        }
        for fault in faults
        for on in fault.on
        if on.startswith(_PREFIX)
    ]


def _latency(fault: Fault) -> dict[str, float | None]:
    """What a fault adds to a service's time, ms; the sandbox knows a duration, more or less."""
    jitter_ns = float(fault.jitter or 0)
    latency_ns: float | None = None
    match fault.latency:
        case None:
            pass
        case Distribution(shape="constant", a_ns=value):
            latency_ns = value
        case Distribution(shape="uniform", a_ns=low, b_ns=high):
            latency_ns, jitter_ns = (low + high) / 2, jitter_ns + (high - low) / 2
        case _:
            raise TargetError(
                f"fault {fault.name}: the sandbox knows no such latency",
                'write a duration there, e.g. latency = "200ms", jitter = "50ms"',
            )
    return {
        "latency_ms": None if latency_ns is None else latency_ns / NS_PER_MS,
        "jitter_ms": jitter_ns / NS_PER_MS,
    }


class _GoneError(TargetError):
    """Nobody is there."""


class SandboxFaults:
    """The faults that a run makes in its sandbox."""

    def __init__(self) -> None:
        self._token = secrets.token_urlsafe(16)
        self._url: str | None = None
        self._schedule: list[dict[str, Any]] = []
        self._begun = False

    @property
    def environment(self) -> dict[str, str]:
        """What the sandbox knows us by."""
        return {_TOKEN: self._token}

    def at(self, url: str, schedule: list[dict[str, Any]]) -> None:
        """The sandbox is there, and that will go wrong in it."""
        self._url, self._schedule = url, schedule

    async def begin(self) -> None:
        """The load begins: the schedule counts from now on.

        Raises:
            TargetError: the sandbox does not do as it is told.
        """
        await asyncio.to_thread(self._request, "POST", orjson.dumps({"faults": self._schedule}))
        self._begun = True

    async def end(self) -> None:
        """End all of them. A sandbox that is gone has none.

        Raises:
            TargetError: the sandbox does not do as it is told.
        """
        if self._begun:
            self._begun = False
            with suppress(_GoneError):
                await asyncio.to_thread(self._request, "DELETE", None)

    def _request(self, method: str, body: bytes | None) -> None:
        assert self._url is not None
        host = urlsplit(self._url).netloc
        connection = http.client.HTTPConnection(host, timeout=_TIMEOUT_S)
        headers = {"X-Sandbox-Token": self._token, "Content-Type": "application/json"}
        try:
            connection.request(method, _PATH, body, headers)
            response = connection.getresponse()
            said = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise _GoneError("the sandbox takes no faults", str(error)) from None
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            raise TargetError(f"the sandbox takes no faults: {response.status}", said or None)
