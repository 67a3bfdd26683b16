"""Closes realtime connections when a fault takes the service down. Knows no protocol."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .timeline import Fault, Faults


class Outage:
    """Calls `drop` when such a fault begins, with what decides for each connection."""

    def __init__(self, faults: Faults, drop: Callable[[Callable[[], bool]], None]) -> None:
        self._faults = faults
        self._drop = drop
        self._timers: list[asyncio.TimerHandle] = []

    def plan(self) -> None:
        """The faults that are armed have changed, just now."""
        for timer in self._timers:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers = [
            loop.call_later(fault.begin_s, self._begin, fault)
            for fault in self._faults.downs("realtime")
        ]

    def _begin(self, fault: Fault) -> None:
        self._drop(lambda: self._faults.strikes(fault))
