"""A view of a run that fails: load, clean-up and verdict are what they would be without."""

from __future__ import annotations

import asyncio
import os

import pytest
import uvloop

from wedload.plan.loader import load_plan
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

PLAN = """\
schema = 1
name = "watched"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "per-vu-iterations"
vus = 2
iterations = 3
workflow = "make"
[[workflows.make]]
name = "make"
http = "POST /make"
cleanup = "DELETE /thing"
"""


class Broken:
    """An observer that cannot do one of the things that it is to do."""

    def __init__(self, cannot: str) -> None:
        self._cannot = cannot

    def notice(self, text: str) -> None:
        self._do("notice")

    def tick(self, view: object) -> None:
        self._do("tick")

    def close(self) -> None:
        self._do("close")

    def _do(self, what: str) -> None:
        if what == self._cannot:
            raise ValueError(f"no {what}")


@pytest.mark.parametrize("cannot", ["notice", "tick", "close"])
def test_a_view_that_fails_ends_nothing(server, tmp_path, monkeypatch, cannot):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "plan.toml").write_text(PLAN.replace("{url}", server.url))
    loaded = load_plan(tmp_path / "plan.toml")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(run_plan(loaded, RunOptions(), Broken(cannot), os.environ))

    assert run.verdict.outcome == "pass", run.verdict.reasons
    assert (run.cleanup.created, run.cleanup.deleted) == (6, 6)
    assert server.targets() == {"POST /make": 6, "DELETE /thing": 6}
    told = [one.message for one in run.verdict.findings if one.kind == "view"]
    if cannot == "close":  # it was whole as long as there was something to see
        assert told == []
    else:
        assert len(told) == 1
        assert told[0].startswith(f"The view of the run failed (ValueError: no {cannot});")
