"""A database around which faults happen."""

from __future__ import annotations

import time
from random import Random

import pytest

from wedload.sandbox.database import Query, UnavailableError
from wedload.sandbox.dialect import POSTGRES, SQLITE
from wedload.sandbox.faults.database import FaultyDatabase
from wedload.sandbox.faults.timeline import Fault, Faults


class Sound:
    """Counts what reaches it."""

    dialect = SQLITE

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
    assert faulty.dialect is SQLITE
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


async def test_a_database_that_can_wait_by_itself_does_so_within_the_transaction(faulty):
    faulty.sound.dialect = POSTGRES
    faulty._faults.arm([Fault("database", latency_s=0.02)])

    late = await faulty.read(lambda: iter(()))

    assert next(late()) == Query("SELECT pg_sleep($1)", (0.02,))
