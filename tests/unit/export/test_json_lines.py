"""A file that gets a line for each picture, on real files."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.pictures import COMMON, picture_of_shop
from tests.helpers.places import ROOT
from wedload.export.json_lines import JsonLines
from wedload.export.port import ExportError


async def written(path, *pictures):
    exporter = JsonLines(path)
    await exporter.open()
    try:
        for one in pictures:
            await exporter.send(one)
    finally:
        await exporter.close()


async def test_each_picture_is_a_line_that_says_all_of_it(tmp_path):
    path = tmp_path / "figures.jsonl"
    await written(path, picture_of_shop(), picture_of_shop(is_last=True))
    first, last = map(json.loads, path.read_text().splitlines())
    assert (first["at_s"] - first["began_s"], first["last"], last["last"]) == (7, False, True)
    (buying,) = (
        one for one in first["series"]
        if one["name"] == "wedload_http_req_duration_seconds"
        and one["labels"].get("outcome") == "ok" and one["labels"]["step"] == "buy"
    )  # fmt: skip
    assert (buying["count"], buying["min"], buying["max"]) == (3, 0.03, 2.0)
    assert buying["sum"] == pytest.approx(2.07)
    assert buying["p50"] == pytest.approx(0.04, rel=1e-3)
    assert COMMON.items() <= buying["labels"].items()
    assert buying["labels"]["is_critical"] == "yes"
    (count,) = (
        one["value"] for one in first["series"]
        if one["name"] == "wedload_http_reqs_total" and one["labels"]["outcome"] == "timeout"
    )  # fmt: skip
    assert count == 1


async def test_lines_are_added_behind_those_of_other_runs(tmp_path):
    path = tmp_path / "figures.jsonl"
    await written(path, picture_of_shop())
    await written(path, picture_of_shop())
    assert len(path.read_text().splitlines()) == 2


async def test_it_is_its_owners_alone(tmp_path):
    path = tmp_path / "figures.jsonl"
    await written(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_full_disk_is_said_and_may_have_room_later():
    exporter = JsonLines(Path("/dev/full"))
    await exporter.open()
    with pytest.raises(ExportError, match=r"/dev/full cannot be written: No space left") as caught:
        await exporter.send(picture_of_shop())
    assert not caught.value.lasting
    await exporter.close()


LIMITED = """
import asyncio, resource, signal, sys
from pathlib import Path
from tests.helpers.places import ROOT
from tests.helpers.pictures import picture_of_shop
from wedload.export.json_lines import JsonLines
from wedload.export.port import ExportError

async def main(path, most):
    exporter = JsonLines(path)
    await exporter.open()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        await exporter.send(picture_of_shop())
    except ExportError as error:
        print(error)
    await exporter.close()

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def test_a_line_that_has_no_room_leaves_no_half_of_it(tmp_path):
    path = tmp_path / "figures.jsonl"
    asyncio.run(written(path, picture_of_shop()))
    whole = path.read_bytes()
    most = str(len(whole) + 100)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), most],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"{path} cannot be written: File too large\n"
    assert path.read_bytes() == whole


@pytest.mark.parametrize("path", ["nowhere/figures.jsonl", "."])
async def test_a_file_that_cannot_be_made_is_said(tmp_path, path):
    with pytest.raises(ExportError, match="cannot be written: "):
        await written(tmp_path / path)
