"""Waiting no longer than a request may take."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from wedload.protocols.http.limits import SWEEP_S
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Awaitable

Got = TypeVar("Got")


async def in_time(waiting: Awaitable[Got], left_ns: int) -> Got:
    """What comes of waiting, within the time that is left.

    Raises:
        TimeoutError: it took longer. That is noticed a little late, as by the sweep of the pool:
            uvloop's timers fire early, and no wait may be recorded that was too short.
    """
    async with asyncio.timeout(max(left_ns, 0) / NS_PER_S + SWEEP_S):
        return await waiting
