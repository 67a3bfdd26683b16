from __future__ import annotations

import asyncio
import gc

import pytest

from wedload.sandbox.errors import ApiError
from wedload.sandbox.runs import HEADER, Runs, is_run_id


@pytest.mark.parametrize("id_", ["20261127-045005-ab12", "a", "7", "A_b.c-d", "x" * 64])
def test_id_of_a_run_is_short_and_plain(id_):
    assert is_run_id(id_)
    assert Runs().named_in({HEADER: id_}).id == id_


@pytest.mark.parametrize(
    "id_",
    ["", " ", "a b", "x" * 65, "-a", ".", "..", "a/b", "a\n", "ü", "a\x00", "a'--", "${run.id}"],
)
def test_anything_else_is_refused_with_what_is_expected(id_):
    assert not is_run_id(id_)
    with pytest.raises(ApiError, match="X-Wedload-Run") as refused:
        Runs().named_in({HEADER: id_})
    assert refused.value.status == 422
    assert "1 to 64 letters" in refused.value.fields["X-Wedload-Run"]


def test_no_header_is_no_run():
    assert Runs().named_in({}) is None
    assert Runs().of(None) is None


def test_one_id_is_one_run_while_something_of_it_is_under_way():
    runs = Runs()
    first = runs.of("a")
    assert runs.named_in({HEADER: "a"}) is first
    assert runs.of("b") is not first
    del first
    gc.collect()
    assert len(runs._live) == 0  # which would otherwise grow with every run that there ever was


async def test_swept_run_lets_nothing_under_way_write_but_what_comes_later():
    runs = Runs()
    before = runs.of("a")
    await runs.sweep("a")
    with pytest.raises(ApiError, match="was swept meanwhile") as refused:
        before.begin_writing()
    assert (refused.value.status, refused.value.code) == (409, "run_swept")
    later = runs.of("a")
    later.begin_writing()
    later.end_writing()
    assert not later.swept


async def test_sweep_waits_for_what_is_being_written():
    runs = Runs()
    run = runs.of("a")
    for _ in range(2):
        run.begin_writing()
    sweep = asyncio.create_task(runs.sweep("a"))
    await asyncio.sleep(0)
    assert run.swept
    for _ in range(2):
        assert not sweep.done()
        run.end_writing()
        await asyncio.sleep(0)
    await sweep


async def test_two_sweeps_at_once_wait_for_the_same_writes():
    run = Runs().of("a")
    run.begin_writing()
    sweeps = [asyncio.create_task(run.sweep()) for _ in range(2)]
    await asyncio.sleep(0)
    sweeps[0].cancel()
    await asyncio.sleep(0)
    run.end_writing()
    await sweeps[1]


async def test_sweep_of_a_run_that_is_not_under_way_returns_at_once():
    await Runs().sweep("a")
