"""The sampler: what fails is counted, what hangs is left, and nothing of it ends a load."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.waiting import until
from wedload.metrics.levels import Level, LevelKey
from wedload.resources.port import SourceError
from wedload.resources.sampler import COORDINATOR, Sampler


class Steady:
    """Has one quantity, and what is said of it."""

    def __init__(self):
        self.opened = self.closed = self.samples = 0

    async def open(self):
        self.opened += 1

    async def sample(self):
        self.samples += 1
        return {"cpu": Level(float(self.samples), 4.0)}

    async def finish(self):
        return {"notes": ["steady"]}

    async def close(self):
        self.closed += 1


class Failing(Steady):
    """Cannot be opened for so many times, then says that it is gone every second time."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    async def open(self):
        await super().open()
        if self.opened <= self.times:
            raise SourceError("not there, secret")

    async def sample(self):
        levels = await super().sample()
        if self.samples % 2:
            raise SourceError("gone")
        return levels


class Hanging(Steady):
    async def sample(self):
        await asyncio.Event().wait()


class Broken(Steady):
    async def sample(self):
        raise ZeroDivisionError("of its own")


def sampler(told, **sources):
    return Sampler(sources, 1, told.append, lambda text: text.replace("secret", "***"))


def test_levels_are_told_by_resource_and_metric_as_of_the_end_of_a_second():
    told = []

    async def run():
        made = sampler(told, api=Steady(), db=Steady())
        assert await made.open() == {}
        await made.sample(7)
        return await made.end()

    reports = asyncio.run(run())

    (snapshot,) = told
    assert (snapshot.worker, snapshot.second) == (COORDINATOR, 7)
    assert snapshot.levels == {
        LevelKey("api", "resource_cpu"): Level(1.0, 4.0),
        LevelKey("db", "resource_cpu"): Level(1.0, 4.0),
    }
    assert reports["api"] == {"notes": ["steady"], "problems": {}}


def test_what_cannot_be_opened_is_said_and_tried_again_and_loses_only_its_own_samples():
    told = []
    failing, steady = Failing(times=2), Steady()

    async def run():
        made = sampler(told, bad=failing, good=steady)
        said = await made.open()
        for second in range(6):
            await made.sample(second)
        return said, await made.end()

    said, reports = asyncio.run(run())

    assert said == {"bad": "not there, ***"}
    assert reports["bad"]["problems"] == {"not there, ***": 2, "gone": 2}
    seconds = [one.second for one in told if LevelKey("bad", "resource_cpu") in one.levels]
    assert seconds == [3, 5]
    assert steady.samples == 6
    assert (failing.closed, steady.closed) == (1, 1)


def test_what_hangs_or_is_broken_is_counted_and_the_others_are_sampled():
    told = []

    async def run():
        made = sampler(told, hung=Hanging(), broken=Broken(), good=Steady())
        await made.open()
        await made.sample(0)
        return await made.end()

    reports = asyncio.run(run())

    assert reports["hung"]["problems"] == {"no answer within 0.9 s": 1}
    assert reports["broken"]["problems"] == {"ZeroDivisionError: of its own": 1}
    assert set(told[0].levels) == {LevelKey("good", "resource_cpu")}


def test_problems_of_many_words_are_bounded():
    class Talkative(Steady):
        async def sample(self):
            raise SourceError(f"problem {await super().sample()}")

    async def run():
        made = sampler([], one=Talkative())
        await made.open()
        for second in range(40):
            await made.sample(second)
        return await made.end()

    problems = asyncio.run(run())["one"]["problems"]
    assert len(problems) == 21
    assert problems["… and others"] == 20


def test_sampling_begins_with_the_load_and_ends_with_it():
    told = []
    source = Steady()

    async def run():
        made = sampler(told, one=source)
        await made.open()
        made.begin()
        await until(lambda: len(told) >= 1)
        await made.end()
        many = len(told)
        await asyncio.sleep(0)
        return many

    many = asyncio.run(run())

    assert len(told) == many
    assert [one.second for one in told] == sorted({one.second for one in told})
    assert told[0].second >= 0
    assert source.closed == 1


def test_defect_of_who_is_told_is_not_passed_over():
    def broken(_):
        raise RuntimeError("a defect")

    async def run():
        made = Sampler({"one": Steady()}, 1, broken)
        await made.open()
        made.begin()
        task = made._task
        await until(task.done)
        await made.end()

    with pytest.raises(RuntimeError, match="a defect"):
        asyncio.run(run())
