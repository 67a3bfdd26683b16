"""Puts messages and deliveries into the database, many in one transaction. Sends nothing.

What is new is written at once, as its sender waits for it; what has changed may wait a moment for
more of its kind: a crash in between costs a second delivery, never a lost one.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .database import Database, DatabaseError, Start, Transaction, UnavailableError
from .webhook_rows import write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .webhook_delivery import Delivery, Message

log = logging.getLogger(__name__)

# Bounded, so that one transaction never holds up the requests behind it for long.
MOST_PER_TRANSACTION: Final = 512
_LINGER_S: Final = 0.02
_RETRY_AFTER_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class _New:
    """A message that is to be written, and who is told once it is."""

    message: Message
    deliveries: Sequence[Delivery]
    then: Callable[[], None]
    insist: bool
    written: asyncio.Future[None]

    def succeed(self) -> None:
        self.then()
        if not self.written.done():
            self.written.set_result(None)

    def fail(self, error: DatabaseError) -> None:
        # Where nobody awaits it, an exception that nobody looked at would be complained of.
        if not self.insist and not self.written.done():
            self.written.set_exception(error)


class Store:
    """The writer: one transaction at a time, in the order in which things came."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._new: list[_New] = []
        self._changed: dict[Delivery, None] = {}  # a set that keeps the order
        self._others: list[Start[Any]] = []
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._lingering: asyncio.TimerHandle | None = None

    def add(
        self,
        message: Message,
        deliveries: Sequence[Delivery],
        then: Callable[[], None],
        *,
        insist: bool = False,
    ) -> asyncio.Future[None]:
        """Write them soon, and call `then` when they are committed; the future is done then too.

        It has an exception if the database does not answer. With `insist`, for what nobody awaits,
        they are written once it does again.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._new.append(_New(message, deliveries, then, insist, written))
        self._wake.set()
        return written

    def change(self, delivery: Delivery) -> None:
        """Write what has become of it, within moments."""
        self._changed[delivery] = None
        if self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(_LINGER_S, self._wake.set)

    def execute(self, start: Start[Any]) -> None:
        """Run another transaction within the next one."""
        self._others.append(start)
        self._wake.set()

    async def run(self) -> None:
        """The writer's life, until it is cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._new or self._changed or self._others:
                try:
                    await self._write_some()
                except UnavailableError as error:
                    log.warning("webhooks wait for the database: %s", error)
                    await asyncio.sleep(_RETRY_AFTER_S)
                    continue
                if not self._new and len(self._changed) < MOST_PER_TRANSACTION:
                    break  # what has changed meanwhile waits for more

    async def settle(self) -> None:
        """Return once nothing is being written that began before this."""
        async with self._writing:
            pass

    async def flush(self) -> None:
        """Write what there is, when `run` has ended; gives up if the database does not answer."""
        with suppress(UnavailableError):
            while self._new or self._changed or self._others:
                await self._write_some()

    async def _write_some(self) -> None:
        new, self._new = self._new[:MOST_PER_TRANSACTION], self._new[MOST_PER_TRANSACTION:]
        changed = list(self._changed)[:MOST_PER_TRANSACTION]
        for delivery in changed:
            del self._changed[delivery]
        others, self._others = self._others, []
        self._linger()
        try:
            async with self._writing:
                await self._database.write(lambda: _write(new, changed, others))
        except (UnavailableError, asyncio.CancelledError) as error:
            # Written twice they are the same; what comes after them must come after them.
            if isinstance(error, UnavailableError):
                for one in new:
                    one.fail(error)
                new = [one for one in new if one.insist]
            self._new = [*new, *self._new]
            self._changed = dict.fromkeys([*changed, *self._changed])
            self._others = [*others, *self._others]
            raise
        except DatabaseError as error:
            # Whatever is wrong with these, those that follow must not wait for ever.
            log.exception("could not store %d messages", len(new))
            for one in new:
                one.fail(error)
        else:
            for one in new:
                one.succeed()

    def _linger(self) -> None:
        """Have another look soon if anything is left, and not before anything comes if not."""
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        if self._changed:
            self._lingering = asyncio.get_running_loop().call_later(_LINGER_S, self._wake.set)


def _write(
    new: Sequence[_New], changed: Sequence[Delivery], others: Sequence[Start[Any]]
) -> Transaction[None]:
    # What was swept meanwhile goes on its way, without rows. What a request of the run waits for is
    # written, as the sweep waits for that request before it deletes anything.
    kept = [one for one in new if not (one.insist and one.message.is_swept)]
    deliveries = [delivery for one in kept for delivery in one.deliveries]
    deliveries += [delivery for delivery in changed if not delivery.message.is_swept]
    yield from write_all([one.message for one in kept], deliveries)
    for start in others:
        yield from start()
