"""When a target's `max_duration` is over the load ends, whatever a load process is at."""

from __future__ import annotations

import asyncio
import os

import uvloop

from wedload.plan.loader import load_plan
from wedload.run import ending_early
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

PLAN = """\
schema = 1
name = "stuck"
[targets.local]
base_url = "{url}"
max_duration = "300ms"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "300ms"
workflow = "hang"
[[workflows.hang]]
python = "hanging:hang"
"""


class Silent:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.notices: list[str] = []

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def tick(self, view: object) -> None:
        pass

    def close(self) -> None:
        pass


def test_load_processes_that_do_not_end_their_load_are_ended(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(ending_early, "_LAST_S", 0.0)
    (tmp_path / "plan.toml").write_text(PLAN.replace("{url}", server.url))
    (tmp_path / "hanging.py").write_text("async def hang(vu):\n    while True:\n        pass\n")
    loaded, watching = load_plan(tmp_path / "plan.toml"), Silent()
    options = RunOptions(allow_python=True)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(run_plan(loaded, options, watching, os.environ))

    told = "the target's max_duration is over: ending all load processes"
    assert watching.notices.count(told) == 1
    assert run.verdict.outcome == "invalid"
    assert any("was lost: signal 9" in one.message for one in run.verdict.findings)
