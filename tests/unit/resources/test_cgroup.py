"""Control groups, in the kernel's own words: files of version 2 as `cgroup-v2.rst` has them."""

from __future__ import annotations

import asyncio
import os

import pytest

from wedload.resources import cgroup
from wedload.resources.cgroup import ControlGroup, bytes_of, cores_of, pairs_of
from wedload.resources.port import SourceError

FILES = {
    "cpu.stat": "usage_usec 1000000\nuser_usec 1\nnr_periods 10\nthrottled_usec 500000\n",
    "cpu.max": "50000 100000\n",
    "memory.current": "104857600\n",
    "memory.max": "209715200\n",
    "pids.current": "7\n",
    "pids.max": "max\n",
    "io.stat": "8:0 rbytes=1000 wbytes=2000 rios=1 wios=2\n8:16 rbytes=1 wbytes=1\n",
}
LATER = {
    "cpu.stat": "usage_usec 2000000\nthrottled_usec 1500000\n",
    "io.stat": "8:0 rbytes=5000 wbytes=2000\n8:16 rbytes=1 wbytes=4001\n",
}


class At:
    """A clock whose hands are moved."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroup, "time", At())
    return tmp_path


def write(folder, files):
    for name, text in files.items():
        (folder / name).write_text(text)


def sampled(folder, first, later):
    """What is sampled two seconds after the first look."""

    async def run():
        group = ControlGroup(folder)
        write(folder, first)
        await group.open()
        write(folder, later)
        cgroup.time.now += 2.0
        return await group.sample()

    return asyncio.run(run())


def test_what_grows_is_told_per_second_and_limits_as_capacity(folder):
    found = sampled(folder, FILES, LATER)

    cores = min(0.5, os.cpu_count() or 1)
    assert {name: level.value for name, level in found.items()} == pytest.approx(
        {
            "cpu": 0.5, "cpu_share": 0.5 / cores, "throttled": 0.5, "read": 2000.0,
            "written": 2000.0, "memory": 104_857_600.0, "processes": 7.0,
        }
    )  # fmt: skip
    assert (found["cpu"].capacity, found["memory"].capacity) == (cores, 209_715_200.0)
    assert found["processes"].capacity is None


def test_controllers_that_are_not_enabled_have_no_figures(folder):
    assert set(sampled(folder, {"cpu.stat": FILES["cpu.stat"]}, {})) == {
        "cpu", "cpu_share", "throttled",
    }  # fmt: skip


def test_what_is_no_group_says_so(folder):
    with pytest.raises(SourceError, match=r"has no cpu\.stat, as groups of version 2 have"):
        asyncio.run(ControlGroup(folder).open())
    with pytest.raises(SourceError, match="is not there"):
        asyncio.run(ControlGroup(folder / "none").open())


def test_lines_of_other_forms_are_left_out():
    assert pairs_of("a 1\nb\nc -5\nd 0x5\n\n") == {"a": 1.0}
    assert bytes_of("8:0\n253:0 rbytes=x wbytes=7\n") == (0.0, 7.0)


@pytest.mark.parametrize("text", ["max 100000", "", "0 0", "junk", "50000"])
def test_without_a_quota_all_cores_are_there(text):
    assert cores_of(text) == float(os.cpu_count() or 1)
