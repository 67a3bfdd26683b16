"""Who has the journals of a run written to the disk: the coordinator, as long as the run lasts."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import uvloop

from wedload.plan.loader import load_plan
from wedload.run.options import RunOptions
from wedload.run.session import run_plan
from wedload.safety.journal import disk

PLAN = """\
schema = 1
name = "forms"
[targets.here]
base_url = "{url}"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "POST /forms"
cleanup = "DELETE /forms/1"
[[workflows.visit]]
think = "20ms"
"""


class Silent:
    """An observer of no interest."""

    def notice(self, text):
        pass

    def tick(self, view):
        pass

    def close(self):
        pass


def test_the_coordinator_writes_what_load_processes_append(server, tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "_EACH_S", 0.01)
    written, really = set(), os.fdatasync

    def fdatasync(descriptor):
        really(descriptor)
        written.add(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    (tmp_path / "plan.toml").write_text(PLAN.format(url=server.url))
    options = RunOptions(journal=lambda run_id: tmp_path / run_id / "journal", workers=2)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_plan(load_plan(tmp_path / "plan.toml"), options, Silent(), os.environ))

    load = {f"load-{index}.{suffix}" for index in (0, 1) for suffix in ("jsonl", "count")}
    assert written == {"run.jsonl", *load}
    assert not [one for one in threading.enumerate() if one.name == "journals"]
