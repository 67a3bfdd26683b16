"""A database around which faults happen."""

from __future__ import annotations

import time
from random import Random

import pytest

from wedload.sandbox.database import UnavailableError
from wedload.sandbox.faults.database import FaultyDatabase
from wedload.sandbox.faults.timeline import Fault, Faults


class Sound:
    """Counts what reaches it."""

    dialect = "a dialect"

    def __init__(self):
        self.ran = []

    async def read(self, start):
        self.ran.append("read")
        return start

    async def write(self, start):
        self.ran.append("write")
        return start

    async def close(self):
        self.ran.append("close")


@pytest.fixture
async def faulty():
    return FaultyDatabase(Sound(), Faults(time.monotonic, Random(1)))


async def test_without_faults_it_is_the_one_it_is_around(faulty):
    assert faulty.dialect == "a dialect"
    assert (await faulty.read("r"), await faulty.write("w")) == ("r", "w")
    await faulty.close()
    assert faulty.sound.ran == ["read", "write", "close"]


async def test_down_it_is_unavailable_and_nothing_runs(faulty):
    faulty._faults.arm([Fault("database", down=True)])
    for run in (faulty.read, faulty.write):
        with pytest.raises(UnavailableError):
            await run("x")
    assert faulty.sound.ran == []
    assert faulty._faults.hits["database"] == 2


async def test_each_transaction_waits_for_its_latency(faulty):
    faulty._faults.arm([Fault("database", latency_s=0.02)])
    began = time.perf_counter()
    assert await faulty.write("w") == "w"
    assert time.perf_counter() - began >= 0.02
