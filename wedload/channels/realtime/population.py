"""A population of subscribers: they join at a rate, and come back when they have been dropped.

When is `schedule`'s business, what a subscriber speaks its own; here is who does it.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

from wedload.channels.realtime.beats import Beats
from wedload.channels.realtime.schedule import LONGEST_WAIT_NS, join_due_ns, join_limit_ns, wait_ns
from wedload.channels.realtime.subscriber import JoinFailedError
from wedload.channels.realtime.tally import Tally
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from fractions import Fraction
    from typing import Any

    from wedload.channels.port import Hearing
    from wedload.channels.realtime.subscriber import Crowd, Failure, Subscriber
    from wedload.clock import Clock

#: the others wait for their turn: a server's backlog is shorter than a crowd
MOST_JOINING: Final = 100


class Population:
    """The subscribers of one channel; their `Crowd`."""

    def __init__(
        self,
        name: str,
        count: int,
        make: Callable[[int, Crowd], Subscriber],
        *,
        joins_per_s: Fraction,
        beat_ns: int,
        hearing: Hearing,
        clock: Clock,
        seed: int,
    ) -> None:
        """`name`: of the channel; `make` makes a subscriber."""
        self._name = name
        self._make = make
        self._joins_per_s = joins_per_s
        self._hearing = hearing
        self._clock = clock
        self._seed = seed
        self._members: dict[int, Subscriber] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._turn = asyncio.Semaphore(MOST_JOINING)
        self._changed = asyncio.Event()
        self._beats = Beats(beat_ns)
        self._beating = asyncio.Event()
        self._begun_ns: dict[int, int] = {}  # when each began to join
        self._progress: Callable[[int, int], None] = lambda _joined, _of: None
        self._over = False
        self.tally = Tally(count)

    # --- what a run asks for ------------------------------------------------------------------

    async def join(self, progress: Callable[[int, int], None]) -> list[str]:
        """Have everybody join; what went wrong, or nothing. See `Ear.join`."""
        self._progress = progress
        begun_ns = self._clock.now_ns()
        for number in range(self.tally.subscribers):
            self._members[number] = self._make(number, self)
            due_ns = join_due_ns(begun_ns, number, self._joins_per_s)
            self._start(self._live(number, due_ns))
        self._start(self._beat())
        limit_ns = begun_ns + join_limit_ns(self.tally.subscribers, self._joins_per_s)
        while not (self.tally.complete or self.tally.hopeless):
            left_ns = limit_ns - self._clock.now_ns()
            if left_ns <= 0 or not await self._news(left_ns):
                break
        self._progress = lambda _joined, _of: None
        if self.tally.complete:
            self.tally.begin(self._clock.now_ns())
            return []
        problem = self.tally.problem(self._clock.now_ns() - begun_ns)
        await self.close()
        return [problem]

    async def close(self) -> None:
        """End every connection; nobody is told of it."""
        self._over = True
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        members, self._members = self._members, {}
        await asyncio.gather(*(member.close() for member in members.values()))
        for end in ends:
            if isinstance(end, Exception):
                raise end  # a fault of ours, which must not pass for a server's

    # --- what subscribers tell ----------------------------------------------------------------

    def joined(self, subscriber: int, at_ns: int) -> None:
        """Somebody gets every message from now on."""
        if self._over:
            return
        self.tally.look(at_ns)
        self.tally.has_joined(subscriber)
        self._hearing.joined(subscriber, at_ns)
        self._hearing.timed("realtime_joining", at_ns - self._begun_ns[subscriber])
        self._beats.joined(subscriber, at_ns)
        self._beating.set()
        self._progress(len(self.tally.joined), self.tally.subscribers)
        self._changed.set()

    def left(self, subscriber: int, at_ns: int, failure: Failure) -> None:
        """Somebody does not any more."""
        if self._over:
            return
        self.tally.look(at_ns)
        self.tally.has_left(subscriber, failure)
        self._beats.left(subscriber)
        self._hearing.left(subscriber, at_ns)
        self._hearing.count("realtime_drops", self.tally.reason_of(failure))
        self._explain("a subscriber was dropped", failure)

    def odd(self, subscriber: int, problem: str) -> None:  # noqa: ARG002 - whoever it was
        """What somebody got cannot be read."""
        self.tally.unreadable += 1
        self._hearing.note(problem)

    # --- inside -------------------------------------------------------------------------------

    async def _live(self, number: int, due_ns: int) -> None:
        """One subscriber's life: join, listen, and again."""
        member = self._members[number]
        now_ns, in_a_row, waits = self._clock.now_ns, 0, 0
        await self._clock.sleep_until(due_ns)
        while True:
            try:
                async with self._turn:
                    self._begun_ns[number] = now_ns()
                    await member.join()
            except JoinFailedError as error:
                in_a_row += 1
                self._failed(number, error.failure, in_a_row)
            else:
                joined_ns = now_ns()
                await member.lost()
                stayed = now_ns() - joined_ns > LONGEST_WAIT_NS
                in_a_row = 1 if stayed else in_a_row + 1
            waits += 1
            rng = random.Random(f"{self._seed}/{self._name}/{number}/{waits}")  # noqa: S311 - repeatable on purpose
            await self._clock.sleep_until(now_ns() + wait_ns(in_a_row, rng, member.retry_ns))

    def _failed(self, number: int, failure: Failure, in_a_row: int) -> None:
        self.tally.has_failed(number, failure, in_a_row)
        self._explain("a subscriber could not join", failure)
        self._changed.set()

    def _explain(self, what: str, failure: Failure) -> None:
        if failure.quota is not None:
            self._hearing.count("realtime_quota_errors", failure.quota)
        self._hearing.note(f"{what}: {failure.text}")

    async def _beat(self) -> None:
        """Every subscriber's heartbeats."""
        while True:
            due_ns = self._beats.next_ns
            if due_ns is None:
                self._beating.clear()
                await self._beating.wait()
                continue
            await self._clock.sleep_until(due_ns)
            now_ns = self._clock.now_ns()
            for number in self._beats.due(now_ns):
                self._members[number].beat(now_ns)

    async def _news(self, within_ns: int) -> bool:
        """Whether anything changes in time."""
        try:
            async with asyncio.timeout(within_ns / NS_PER_S):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def _start(self, life: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(life, name=f"subscribers of {self._name}"))
