"""A population in virtual time: when its members join, beat, and come back."""

from __future__ import annotations

import asyncio
import itertools
from fractions import Fraction

import pytest

from tests.helpers.realtime import Notebook
from wedload.channels.realtime.population import MOST_JOINING, Population
from wedload.channels.realtime.subscriber import Crowd, Failure, JoinFailedError
from wedload.clock import FakeClock
from wedload.units import NS_PER_MS, NS_PER_S

BUSY = Failure("busy", "the server is busy")
GONE = Failure("reset", "the connection ended")
QUOTA = Failure("ConnectionRateLimitReached", "full", "ConnectionRateLimitReached")


class Member:
    """A subscriber that needs a time to join, fails as often as it is told, and can be dropped."""

    def __init__(self, number: int, crowd: Crowd, clock: FakeClock, plan: dict) -> None:
        self._number, self._crowd, self._clock = number, crowd, clock
        self._failures = list(plan.get("failures", {}).get(number, []))
        self._takes_ns = plan.get("takes_ns", 0)
        self.retry_ns = plan.get("retry_ns")
        self.begun_ns: list[int] = []
        self.beats_ns: list[int] = []
        self.closed = False
        self._gone = asyncio.Event()

    async def join(self) -> None:
        self.begun_ns.append(self._clock.now_ns())
        await self._clock.sleep_until(self._clock.now_ns() + self._takes_ns)
        if self._failures:
            raise JoinFailedError(self._failures.pop(0))
        self._gone.clear()
        self._crowd.joined(self._number, self._clock.now_ns())

    async def lost(self) -> None:
        await self._gone.wait()

    def drop(self) -> None:
        self._crowd.left(self._number, self._clock.now_ns(), GONE)
        self._gone.set()

    def beat(self, at_ns: int) -> None:
        self.beats_ns.append(at_ns)

    async def close(self) -> None:
        self.closed = True


class Trial:
    def __init__(self, clock: FakeClock, count: int, per_s: int = 10, **plan: object) -> None:
        self.clock, self.book = clock, Notebook()
        self.members: list[Member] = []
        self.progress: list[int] = []

        def make(number: int, crowd: Crowd) -> Member:
            self.members.append(Member(number, crowd, clock, plan))
            return self.members[-1]

        self.population = Population(
            "news", count, make, joins_per_s=Fraction(per_s), beat_ns=25 * NS_PER_S,
            hearing=self.book, clock=clock, seed=1,
        )  # fmt: skip

    async def join(self) -> list[str]:
        return await self.population.join(lambda joined, _of: self.progress.append(joined))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_each_joins_at_its_instant_whatever_the_others_take(clock):
    async def main() -> None:
        trial = Trial(clock, 50, takes_ns=700 * NS_PER_MS)
        assert await trial.join() == []
        assert clock.now_ns() == 5_600 * NS_PER_MS
        begun_ns = [member.begun_ns for member in trial.members]
        assert begun_ns == [[number * 100 * NS_PER_MS] for number in range(50)]
        assert trial.progress == list(range(1, 51))
        assert trial.book.times == [("realtime_joining", 700 * NS_PER_MS)] * 50
        await trial.population.close()
        assert all(member.closed for member in trial.members)

    clock.run(main())


def test_no_more_join_at_a_time_than_a_backlog_holds(clock):
    async def main() -> None:
        trial = Trial(clock, MOST_JOINING + 5, per_s=0, takes_ns=NS_PER_S)
        assert await trial.join() == []
        begun_s = [member.begun_ns[0] // NS_PER_S for member in trial.members]
        assert begun_s == [0] * MOST_JOINING + [1] * 5
        # their turn is when they begin: waiting for it is no time of the server's
        assert trial.book.times == [("realtime_joining", NS_PER_S)] * (MOST_JOINING + 5)
        await trial.population.close()

    clock.run(main())


def test_who_fails_tries_again_after_one_two_and_four_seconds_at_most(clock):
    async def main() -> None:
        trial = Trial(clock, 2, failures={1: [BUSY, QUOTA, BUSY]})
        assert await trial.join() == []
        begun_s = [ns / NS_PER_S - 0.1 for ns in trial.members[1].begun_ns]
        waits = [later - earlier for earlier, later in itertools.pairwise(begun_s)]
        for wait, most in zip(waits, [1, 2, 4], strict=True):
            assert most / 2 <= wait <= most
        report = trial.population.tally.report()
        assert report["join_failures"] == {"busy": 2, "ConnectionRateLimitReached": 1}
        assert trial.book.counts == {("realtime_quota_errors", "ConnectionRateLimitReached"): 1}
        await trial.population.close()

    clock.run(main())


def test_the_same_seed_waits_the_same(clock):
    async def begun() -> list[int]:
        trial = Trial(clock, 2, failures={1: [BUSY, BUSY]})
        started_ns = clock.now_ns()
        await trial.join()
        await trial.population.close()
        return [ns - started_ns for ns in trial.members[1].begun_ns]

    async def main() -> None:
        assert await begun() == await begun()

    clock.run(main())


def test_a_server_that_says_when_to_come_back_is_obeyed(clock):
    async def main() -> None:
        trial = Trial(clock, 1, retry_ns=20 * NS_PER_S)
        await trial.join()
        trial.members[0].drop()
        await clock.sleep_until(clock.now_ns() + 19 * NS_PER_S)
        assert len(trial.members[0].begun_ns) == 1
        await clock.sleep_until(clock.now_ns() + 12 * NS_PER_S)
        assert len(trial.members[0].begun_ns) == 2
        await trial.population.close()

    clock.run(main())


def test_it_gives_up_when_the_time_is_over(clock):
    async def main() -> None:
        trial = Trial(clock, 20, failures={19: [BUSY] * 99})
        (problem,) = await trial.join()
        assert clock.now_ns() == 12 * NS_PER_S
        assert problem == ("1 of 20 subscribers did not join within 12.0 s: the server is busy")
        assert all(member.closed for member in trial.members)

    clock.run(main())


def test_it_gives_up_at_once_when_another_attempt_would_fare_the_same(clock):
    async def main() -> None:
        final = Failure("status 401", "the key is wrong", final=True)
        trial = Trial(clock, 20, failures={0: [final]})
        (problem,) = await trial.join()
        assert clock.now_ns() == 0
        assert problem.startswith("a subscriber could not join: the key is wrong (")

    clock.run(main())


def test_it_gives_up_early_when_nobody_gets_in(clock):
    async def main() -> None:
        trial = Trial(clock, 1_000, failures=dict.fromkeys(range(1_000), [BUSY] * 99))
        await trial.join()
        assert clock.now_ns() <= 8 * NS_PER_S  # of 110

    clock.run(main())


def test_drops_in_a_row_make_it_wait_longer_until_it_has_stayed(clock):
    async def main() -> None:
        trial = Trial(clock, 1)
        await trial.join()
        member = trial.members[0]
        waits = []
        for stays_s in (1, 1, 1, 60, 1):
            await clock.sleep_until(clock.now_ns() + stays_s * NS_PER_S)
            dropped_ns, before = clock.now_ns(), len(member.begun_ns)
            member.drop()
            while len(member.begun_ns) == before:
                await clock.sleep_until(clock.now_ns() + NS_PER_MS)
            waits.append((member.begun_ns[-1] - dropped_ns) / NS_PER_S)
        for wait, most in zip(waits, [1, 2, 4, 1, 2], strict=True):
            assert most / 2 <= wait <= most
        assert trial.population.tally.report()["rejoins"] == 5
        await trial.population.close()

    clock.run(main())


def test_each_beats_every_interval_from_its_joining(clock):
    async def main() -> None:
        trial = Trial(clock, 3)
        await trial.join()
        await clock.sleep_until(60 * NS_PER_S)
        beats_s = [[ns / NS_PER_S for ns in member.beats_ns] for member in trial.members]
        assert beats_s == [[25, 50], [25.1, 50.1], [25.2, 50.2]]
        trial.members[1].drop()
        await clock.sleep_until(90 * NS_PER_S)
        assert trial.members[0].beats_ns[2:] == [75 * NS_PER_S]
        # of the one that was dropped, an interval after it had come back
        (back_ns,) = trial.members[1].begun_ns[1:]
        assert trial.members[1].beats_ns[2:] == [back_ns + 25 * NS_PER_S]
        await trial.population.close()

    clock.run(main())


def test_who_is_away_has_no_heartbeats(clock):
    async def main() -> None:
        trial = Trial(clock, 1)
        await trial.join()
        trial.members[0]._failures = [BUSY] * 99
        trial.members[0].drop()
        await clock.sleep_until(100 * NS_PER_S)
        assert trial.members[0].beats_ns == []
        await trial.population.close()

    clock.run(main())


def test_a_fault_of_ours_does_not_pass_for_a_servers(clock):
    async def main() -> None:
        trial = Trial(clock, 1, failures={0: ["no failure"]})
        with pytest.raises(AttributeError):
            await trial.join()
        assert trial.members[0].closed

    clock.run(main())


def test_nothing_is_told_once_it_is_closed(clock):
    async def main() -> None:
        trial = Trial(clock, 2)
        await trial.join()
        await trial.population.close()
        stays = list(trial.book.stays)
        trial.members[0].drop()
        trial.population.joined(0, 0)
        assert trial.book.stays == stays
        assert trial.population.tally.report()["drops"] == 0

    clock.run(main())
