"""A database that suffers faults: the port, around the real one. Knows no adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..database import UnavailableError
from ..slow import linger

if TYPE_CHECKING:
    from ..database import Database, Start
    from ..dialect import Dialect
    from .timeline import Faults

T = TypeVar("T")


class FaultyDatabase:
    """Each transaction waits, or finds no database, while a fault says so."""

    def __init__(self, sound: Database, faults: Faults) -> None:
        self.sound = sound
        self._faults = faults

    @property
    def dialect(self) -> Dialect:
        """See the port."""
        return self.sound.dialect

    async def read(self, start: Start[T]) -> T:
        """See the port."""
        if self._faults.armed:
            await self._suffer()
        return await self.sound.read(start)

    async def write(self, start: Start[T]) -> T:
        """See the port."""
        if self._faults.armed:
            await self._suffer()
        return await self.sound.write(start)

    async def close(self) -> None:
        """See the port."""
        await self.sound.close()

    async def _suffer(self) -> None:
        hit = self._faults.hit("database")
        if hit is None:
            return
        await linger(hit.late_s)
        if hit.down:
            raise UnavailableError("a fault has it down")
