"""The fleet of this machine: real load processes, taken through a run and lost on the way."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import psutil
import pytest

from tests.helpers.journals import Kept
from wedload.errors import WorkerError
from wedload.fleet.local import LocalFleet
from wedload.metrics.summary import Summary
from wedload.safety.journal.reader import is_going
from wedload.workload.compile_plan import Settings, compile_workload


class Watch:
    """Keeps what a fleet tells."""

    def __init__(self) -> None:
        self.snapshots = []
        self.errors: list[WorkerError] = []
        self.silences: list[str] = []

    def recorded(self, snapshot) -> None:
        self.snapshots.append(snapshot)

    def lost(self, error: WorkerError) -> None:
        self.errors.append(error)

    def silent(self, what: str) -> None:
        self.silences.append(what)

    async def has_load_of(self, workers: int) -> None:
        """Until so many load processes have virtual users."""
        while len({one.worker for one in self.snapshots if one.vus.get("main")}) < workers:
            await asyncio.sleep(0.02)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def fleet(watch):
    one = LocalFleet(3, watch)
    yield one
    one.kill()
    await one.stop()


SETTINGS = Settings("local", "http://127.0.0.1:9")


async def test_processes_share_the_virtual_users_and_their_snapshots_add_up(plan, watch, fleet):
    small = plan("600ms", "50ms")
    await fleet.prepare(small, SETTINGS)

    done = await fleet.load({})

    assert done.ended_early == []
    assert watch.errors == []
    most = {
        worker: max(one.vus["main"] for one in watch.snapshots if one.worker == worker)
        for worker in (0, 1, 2)
    }
    assert most == {0: 2, 1: 2, 2: 1}
    summary = Summary(compile_workload(small, SETTINGS).catalogue)
    for snapshot in watch.snapshots:
        summary.add(snapshot)
    assert summary.count("iterations") == summary.trend("iteration_duration").count >= 5


async def test_loss_of_one_process_aborts_the_others_and_is_told_once(plan, watch, fleet):
    await fleet.prepare(plan(think="100ms"), SETTINGS)
    load = asyncio.create_task(fleet.load({}))
    await watch.has_load_of(3)

    fleet._processes[1].kill()
    await load  # of 30 s: the others were told to end

    (error,) = watch.errors
    assert error.message.startswith("load process 2 of 3 (pid ")
    assert error.message.endswith("was lost: signal 9")
    assert await fleet.teardown({}) == []
    count = await fleet.cleanup(lambda _: None)
    assert (count.created, count.leaked) == (0, 0)


async def test_fleet_of_which_nobody_is_left_has_lost_its_clean_up_lists(plan, watch, fleet):
    await fleet.prepare(plan(), SETTINGS)
    load = asyncio.create_task(fleet.load({}))
    await watch.has_load_of(3)

    fleet.kill()
    done = await load

    assert len(watch.errors) == 3
    assert done.ended_early == []
    assert await fleet.teardown({}) == ["no load process was left to do it"]
    count = await fleet.cleanup(lambda _: None)
    assert (count.created, count.leaked) == (0, 0)


@pytest.fixture
async def shop():
    """Answers every request; keeps their methods."""
    seen = []

    async def serve(reader, writer) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
                seen.append(head.split()[0].decode())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", seen
    server.close()


CREATES = """
[[workflows.visit]]
name = "create"
http = "POST /things"
json = { a = 1 }
cleanup = "DELETE /things"
"""


def things(count) -> tuple[int, int, int]:
    return count.created, count.deleted, count.leaked


async def test_process_that_failed_but_lives_deletes_what_it_created(plan, watch, shop, tmp_path):
    url, seen = shop
    big = tmp_path / "big.bin"
    big.write_bytes(b"x" * 3_000_000)
    more = CREATES + '[[workflows.visit]]\nname = "send"\nhttp = "POST /f"\nbody_file = "big.bin"\n'
    small = plan("20s", "20ms", more)
    fleet = LocalFleet(1, watch)
    await fleet.prepare(small, Settings("local", url))
    load = asyncio.create_task(fleet.load({}))
    while len(seen) < 20:
        await asyncio.sleep(0.02)

    big.unlink()
    await load
    count = await fleet.cleanup(lambda _: None)
    await fleet.stop()

    (error,) = watch.errors
    assert "big.bin: No such file" in error.message
    assert count.created == count.deleted == seen.count("delete") > 0
    assert count.leaked == 0


async def test_list_of_a_process_that_is_lost_is_left_behind_as_far_as_it_was_told(
    plan, watch, fleet, shop
):
    url, seen = shop
    await fleet.prepare(plan("20s", "50ms", CREATES), Settings("local", url))
    load = asyncio.create_task(fleet.load({}))
    while fleet._counts.keys() != {0, 1, 2} or not fleet._counts[1].created:
        await asyncio.sleep(0.02)

    fleet._processes[1].kill()
    await load
    lost = fleet._counts[1].created
    count = await fleet.cleanup(lambda _: None)

    assert lost > 0
    assert things(count) == (seen.count("delete") + lost, seen.count("delete"), lost)
    assert count.reasons == {"its load process was lost": lost}


async def test_what_a_killed_process_created_is_in_its_journal(plan, watch, fleet, shop, tmp_path):
    url, seen = shop
    kept = Kept(str(tmp_path / "journal"))
    settings = Settings("local", url, journal=kept.folder)
    await fleet.prepare(plan("20s", "1ms", CREATES), settings)
    load = asyncio.create_task(fleet.load({}))
    while len(seen) < 200:
        await asyncio.sleep(0.001)

    fleet.kill()
    await load
    posts = seen.count("post")
    account = kept.account()
    kept.run.close()

    assert {key[0] for key in (undo.key for undo in account.undos)} == {
        "load-0",
        "load-1",
        "load-2",
    }
    assert account.created <= posts <= account.created + account.unknown
    assert account.unknown <= 5  # one a virtual user: what was under way
    assert account.deleted == 0
    assert not is_going(kept.folder)


async def test_what_is_cleaned_up_is_gone_in_the_journal_too(plan, watch, shop, tmp_path):
    url, seen = shop
    kept = Kept(str(tmp_path / "journal"))
    fleet = LocalFleet(1, watch)
    await fleet.prepare(plan("200ms", "1ms", CREATES), Settings("local", url, journal=kept.folder))
    await fleet.load({})
    count = await fleet.cleanup(lambda _: None)
    assert is_going(kept.folder)
    await fleet.stop()
    account = kept.account()

    assert account.created == account.deleted == count.deleted == seen.count("delete") > 0
    assert account.unknown == count.uncertain
    assert list(account.undos) == []
    assert (tmp_path / "journal" / "load-0.jsonl").read_bytes().endswith(b"}\n")


async def test_a_journal_that_cannot_be_made_is_told_with_its_place(plan, watch, fleet, tmp_path):
    settings = Settings("local", "http://127.0.0.1:9", journal=str(tmp_path / "nowhere"))

    with pytest.raises(WorkerError, match=r"nowhere/load-\d\.jsonl: No such file or directory"):
        await fleet.prepare(plan(), settings)


async def test_process_that_stands_still_is_told_of_and_then_lost(plan, watch, fleet, monkeypatch):
    monkeypatch.setattr("wedload.fleet.process._SILENCE_S", 0.5)
    await fleet.prepare(plan(think="100ms"), SETTINGS)
    load = asyncio.create_task(fleet.load({}))
    await watch.has_load_of(3)

    os.kill(fleet._processes[1].pid, signal.SIGSTOP)
    await load  # of 30 s

    (error,) = watch.errors
    assert error.message.startswith("load process 2 of 3 (pid ")
    assert error.message.endswith("was lost: it said nothing for 3 s")
    (silent,) = watch.silences
    assert silent.endswith("says nothing: is it stopped?")


async def test_process_that_was_lost_before_the_load_is_noticed_when_it_begins(plan, watch, fleet):
    await fleet.prepare(plan(think="100ms"), SETTINGS)
    fleet._processes[2].kill()

    await fleet.load({})

    (error,) = watch.errors
    assert error.message.startswith("load process 3 of 3 (pid ")


async def test_process_that_is_lost_in_set_up_leaves_nothing_to_load_with(plan, watch, fleet):
    await fleet.prepare(plan(more='[[setup]]\nthink = "20s"\n'), SETTINGS)
    setup = asyncio.create_task(fleet.setup())
    await asyncio.sleep(0.05)

    fleet._processes[0].kill()

    assert await setup is None
    assert len(watch.errors) == 1


async def test_process_that_cannot_be_started_is_an_error_with_a_remedy(
    plan, fleet, monkeypatch, tmp_path
):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python-here"))

    with pytest.raises(WorkerError) as raised:
        await fleet.prepare(plan(), SETTINGS)

    assert raised.value.message == (
        "load process 1 of 3 could not be started: No such file or directory"
    )
    assert "try fewer --workers" in raised.value.hint


async def test_start_of_a_fleet_that_is_cancelled_leaves_no_process(plan, watch):
    before = set(psutil.Process().children())
    fleet = LocalFleet(4, watch)
    starting = asyncio.create_task(fleet.prepare(plan(), SETTINGS))
    while len(set(psutil.Process().children()) - before) < 2:
        await asyncio.sleep(0.002)

    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await fleet.stop()

    _, alive = psutil.wait_procs(set(psutil.Process().children()) - before, timeout=10)
    assert alive == []


async def test_plan_that_no_process_can_prepare_is_an_error_and_leaves_none(watch, fleet, plan):
    with pytest.raises(WorkerError, match="load process 1 of 3 failed"):
        await fleet.prepare(plan(), Settings("nowhere", "http://127.0.0.1:9"))

    pids = [process.pid for process in fleet._processes.values()]
    await fleet.stop()
    assert not any(map(psutil.pid_exists, pids))
