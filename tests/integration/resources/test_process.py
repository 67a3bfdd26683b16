"""Real processes, by what the kernel counts exactly: descriptors, sockets, threads, children."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.waiting import GENEROUS_S
from tests.integration.resources.conftest import running, tell
from wedload.resources.machine import Machine
from wedload.resources.port import SourceError
from wedload.resources.process import Processes

#: opens 50 files and 20 sockets, starts 7 threads, writes 8 MB, starts 3 children, as it is told
BUSY = """
import os, socket, subprocess, tempfile, threading
held, stop = [], threading.Event()
print("ready")
for word in sys.stdin:
    word = word.strip()
    if word == "open":
        held += [open(os.devnull) for _ in range(50)] + [socket.socket() for _ in range(20)]
    elif word == "threads":
        for _ in range(7):
            thread = threading.Thread(target=stop.wait)
            thread.start()
    elif word == "children":
        held += [subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
                 for _ in range(3)]
    elif word == "burn":
        began = sum(os.times()[:2])
        while sum(os.times()[:2]) < began + 0.3:
            pass
    print(word)
stop.set()
for one in held:
    if isinstance(one, subprocess.Popen):
        one.communicate()
    else:
        one.close()
"""


#: starts two of a command, that have its input and output, and ends
LEAVES = "import subprocess, sys; [subprocess.Popen(sys.argv[1:]) for _ in range(2)]"


def values(levels):
    return {name: level.value for name, level in levels.items()}


def test_what_a_process_opens_and_starts_is_seen_exactly():
    async def run(process):
        source = Processes(str(process.pid))
        await source.open()
        before = values(await source.sample())
        for word in ("open", "threads"):
            tell(process, word)
        after = values(await source.sample())
        tell(process, "children")
        return before, after, values(await source.sample())

    with running(BUSY) as process:
        before, after, with_children = asyncio.run(run(process))

    assert after["descriptors"] - before["descriptors"] == 70
    assert after["sockets"] - before["sockets"] == 20
    assert (before["threads"], after["threads"]) == (1, 8)
    assert (before["processes"], after["processes"], with_children["processes"]) == (1, 1, 4)
    assert with_children["memory"] > after["memory"] > 1_000_000


def test_cpu_is_as_much_as_the_kernel_has_counted():
    """The rate, times how long it is of, is what the process itself has counted: no time is."""

    async def run(process):
        source = Processes(str(process.pid))
        await source.open()
        began = source._last.at_s
        tell(process, "burn")
        levels = await source.sample()
        return levels, source._last.at_s - began

    with running(BUSY) as process:
        levels, took_s = asyncio.run(run(process))

    assert levels["cpu"].value * took_s == pytest.approx(0.3, abs=0.05)
    assert levels["cpu"].capacity == len(os.sched_getaffinity(0))
    assert levels["cpu_share"].value * levels["cpu"].capacity == pytest.approx(levels["cpu"].value)


def test_processes_are_found_by_name_and_wedloads_own_are_not_among_them(tmp_path):
    # a name that no process has: other tests may run beside these; the kernel keeps 15 characters
    program = tmp_path / f"wl-{secrets.token_hex(5)}"
    program.symlink_to(Path(sys.executable).resolve())
    waits = [str(program), "-c", "import os, sys; os.write(1, b'ready\\n'); sys.stdin.read()"]

    async def look():
        source = Processes(program.name)
        await source.open()
        return values(await source.sample())["processes"]

    def of_ours():
        return subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    with of_ours() as process:
        process.stdout.readline()
        with pytest.raises(SourceError, match=f'there is no process called "{program.name}"'):
            asyncio.run(look())
        # two whose parent has ended are nobody's of ours
        leave = [sys.executable, "-c", LEAVES, *waits]
        with subprocess.Popen(leave, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
            assert [parent.stdout.readline() for _ in range(2)] == [b"ready\n"] * 2
            parent.wait(GENEROUS_S)
            assert asyncio.run(look()) == 2


def test_process_that_ends_is_said_to_have_ended():
    async def run():
        source = Processes("")
        with running(BUSY) as process:
            source = Processes(str(process.pid))
            await source.open()
        for _ in range(2):
            with pytest.raises(SourceError, match="there is no process"):
                await source.sample()

    asyncio.run(run())


def test_machine_has_its_cores_and_memory_as_capacity():
    async def run():
        source = Machine()
        await source.open()
        return await source.sample()

    levels = asyncio.run(run())

    assert {"cpu", "cpu_share", "memory", "load"} <= set(levels)
    assert levels["cpu"].capacity == os.cpu_count()
    assert 0 < levels["memory"].value < levels["memory"].capacity
    assert levels["cpu"].value >= 0
