"""How long tests of protocols wait, and for what."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GENEROUS_S = 30  # against hanging only: nothing depends on the machine's speed
SOON_S = 0.15  # a time-out that is meant to run out


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds."""
    async with asyncio.timeout(GENEROUS_S):
        while not holds():
            await asyncio.sleep(0.002)
