"""A database that suffers faults: the port, around the real one. Knows no adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..database import Query, UnavailableError
from ..slow import linger
from ..tracing.scope import part

if TYPE_CHECKING:
    from ..database import Database, Start, Transaction
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
        return await self.sound.read(await self._late(start) if self._faults.armed else start)

    async def write(self, start: Start[T]) -> T:
        """See the port."""
        return await self.sound.write(await self._late(start) if self._faults.armed else start)

    async def close(self) -> None:
        """See the port."""
        await self.sound.close()

    async def _late(self, start: Start[T]) -> Start[T]:
        """The transaction as late as it is to be.

        A database that is slow has its connections taken for so long; where it cannot wait without
        holding up all others, we wait for it.
        """
        hit = self._faults.hit("database")
        if hit is None or not (hit.late_s or hit.down):
            return start
        pause = self.dialect.pause
        if hit.down or pause is None:
            with part("late answer", "client", self.dialect.name):
                await linger(hit.late_s)
            if hit.down:
                raise UnavailableError("a fault has it down")
            return start

        def late() -> Transaction[T]:
            yield Query(pause, (hit.late_s,))
            return (yield from start())

        return late
