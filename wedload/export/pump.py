"""The pump: brings pictures to one exporter, beside the run and never in its way.

Whoever offers a picture does not wait. While one is under way the next waits, and gives its place
to a newer one: all figures are cumulative, so that nothing is lost but a point in time. What fails
is tried again within bounds; whatever an exporter does, each attempt ends.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.export.port import Delivery, ExportError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.export.model import Picture
    from wedload.export.port import Exporter


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long, and how often, something is tried."""

    attempt_s: float = 10.0  # at most
    attempts: int = 4  # of a picture
    first_wait_s: float = 0.5  # before the second attempt; doubled before each further one
    most_wait_s: float = 5.0
    last_s: float = 6.0  # for the last picture, all in all
    hurried_s: float = 2.0  # the same, of a load that somebody has stopped
    under_way_s: float = 1.0  # of that, for the one before it
    rest_s: float = 60.0  # at most, of what somebody asks for


_BOUNDS: Final = Bounds()


class Pump:
    """That of one exporter."""

    def __init__(
        self,
        exporter: Exporter,
        tell: Callable[[str], None],
        hide: Callable[[str], str] = str,
        bounds: Bounds = _BOUNDS,
    ) -> None:
        """`tell` is told the first problem; `hide` takes secrets out of what is said."""
        self._exporter = exporter
        self._tell = tell
        self._hide = hide
        self._bounds = bounds
        self.delivery = Delivery(exporter.name, exporter.to)
        self._task: asyncio.Task[None] | None = None
        self._waiting: Picture | None = None
        self._offered = asyncio.Event()
        self._hurry: asyncio.Future[None] | None = None  # while the last picture is waited for
        self._hurried = False  # before that
        self._attempt: asyncio.Timeout | None = None  # under way
        self._rest_until_s = 0.0  # by the loop's clock: before, nothing is sent but the last one

    async def open(self) -> bool:
        """Open the exporter; whether it could be."""
        error = await self._tried(self._exporter.open)
        self.delivery.to = self._exporter.to  # a port that was any has a number now
        return error is None

    def begin(self) -> None:
        """The load begins."""
        self._task = asyncio.create_task(self._run(), name=f"export to {self._exporter.name}")

    def offer(self, picture: Picture) -> None:
        """There is a newer picture."""
        if self._waiting is not None:
            self.delivery.skipped += 1
        self._waiting = picture
        self._offered.set()

    async def finish(self, last: Picture) -> None:
        """The load is over: bring the last picture, for a few seconds at most."""
        if self._task is None:
            return
        self.offer(last)
        if self._attempt is not None:  # of an older one, which this one has all of
            soon = asyncio.get_running_loop().time() + self._bounds.under_way_s
            self._attempt.reschedule(min(self._attempt.when() or soon, soon))
        self._hurry = asyncio.get_running_loop().create_future()
        await asyncio.wait(
            {self._task, self._hurry},
            timeout=self._bounds.hurried_s if self._hurried else self._bounds.last_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if not self._task.done():
            await self._stop()
            self.delivery.failed += 1
            if self.delivery.problem is None:
                self._problem(ExportError("the last figures did not arrive in time"))

    def hurry(self) -> None:
        """Somebody wants to stop: the last picture is waited for no longer; later, a moment."""
        self._hurried = True
        if self._hurry is not None and not self._hurry.done():
            self._hurry.set_result(None)

    async def close(self) -> None:
        """Bring nothing more, and close the exporter."""
        await self._stop()
        await self._tried(self._exporter.close)

    async def _stop(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        is_last = False
        while not is_last:
            await self._offered.wait()
            await self._rest()
            self._offered.clear()
            picture, self._waiting = self._waiting, None
            if picture is not None:
                is_last = picture.is_last
                await self._bring(picture)

    async def _rest(self) -> None:
        """Send nothing for as long as that was asked for; the last picture cannot wait."""
        loop = asyncio.get_running_loop()
        while self._waiting is not None and not self._waiting.is_last:
            left_s = self._rest_until_s - loop.time()
            if left_s <= 0:
                return
            self._offered.clear()
            await self._superseded(left_s)

    async def _bring(self, picture: Picture) -> None:
        """Try it until it arrives, is refused, or a newer one is there."""
        wait_s = self._bounds.first_wait_s
        for left in range(self._bounds.attempts - 1, -1, -1):
            error = await self._tried(lambda: self._exporter.send(picture))
            if error is None:
                self.delivery.sent += 1
                return
            rest_s = self._rest_until_s - asyncio.get_running_loop().time()
            if error.lasting or not left or await self._superseded(max(wait_s, rest_s)):
                break
            wait_s = min(2 * wait_s, self._bounds.most_wait_s)
        self.delivery.failed += 1

    async def _superseded(self, within_s: float) -> bool:
        """Whether a newer picture is there within a time, which passes unless it is."""
        try:
            async with asyncio.timeout(within_s):
                await self._offered.wait()
        except TimeoutError:
            return False
        return True

    async def _tried(self, what: Callable[[], Awaitable[None]]) -> ExportError | None:
        """Do it within the time of an attempt; what is wrong, if it was not done."""
        try:
            async with asyncio.timeout(self._bounds.attempt_s) as self._attempt:
                await what()
        except TimeoutError:
            error = ExportError(f"{self._exporter.to} takes too long")
        except ExportError as found:
            error = found
        except Exception as found:  # noqa: BLE001 - whatever it is, the run goes on
            error = ExportError(f"{self._exporter.to}: {type(found).__name__}: {found}")
        else:
            return None
        finally:
            self._attempt = None
        rest_s = min(error.rest_s, self._bounds.rest_s)
        self._rest_until_s = asyncio.get_running_loop().time() + rest_s
        self._problem(error)
        return error

    def _problem(self, error: ExportError) -> None:
        said = self._hide(error.message)
        if self.delivery.problem is None:
            self._tell(f"warning, {self._exporter.name}: {said}")
        self.delivery.problem = said
