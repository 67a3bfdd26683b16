"""A clean-up whose journal cannot be told how far it is: it goes on, as that of a run does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.helpers.journals import HEAD, SECRETS
from wedload.errors import JournalError
from wedload.fleet.messages import SweepDone
from wedload.metrics.cleanup_count import CleanupCount
from wedload.run import recovering
from wedload.run.recovering import RecoveryOptions, recover_run
from wedload.safety.journal.run_journal import RunJournal, open_run_journal

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
[[teardown]]
http = "POST /close"
[cleanup]
sweep = "DELETE /runs/${{run.id}}"
"""


class Fleet:
    """Load processes that do all that they are asked for, at once."""

    def __init__(self, _workers, _sink):
        self.asked = []
        Fleet.last = self

    async def prepare(self, _plan, _settings):
        self.asked.append("prepare")

    async def teardown(self, _variables):
        self.asked.append("teardown")
        return []

    async def recover(self, _tell):
        self.asked.append("recover")
        return CleanupCount(3, 3)

    async def sweep(self, _variables):
        self.asked.append("sweep")
        return SweepDone(None, 2)

    async def stop(self):
        self.asked.append("stop")


class Told:
    def __init__(self):
        self.notices = []

    def notice(self, text):
        self.notices.append(text)

    def tick(self, view):
        raise AssertionError(view)

    def close(self):
        pass


@asynccontextmanager
async def target():
    """Somebody who lets others connect; nothing is sent."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def left(folder, url):
    """The journal of a run that was killed after set-up."""
    journal = open_run_journal(
        str(folder),
        replace(
            HEAD, plan_text=PLAN.format(url=url), base_url=url, overrides=(),
            plan_folder=str(folder.parent),
        ),
        SECRETS,
    )  # fmt: skip
    journal.captured({})
    journal.close()


@pytest.mark.parametrize("record", ["torn_down", "swept"])
async def test_a_record_that_cannot_be_written_is_said_and_the_rest_is_done(
    tmp_path, monkeypatch, record
):
    def refuse(_):
        raise JournalError("run.jsonl: the clean-up journal cannot grow")

    monkeypatch.setattr(recovering, "LocalFleet", Fleet)
    monkeypatch.setattr(RunJournal, record, refuse)
    folder, told = tmp_path / "r-1" / "journal", Told()
    async with target() as url:
        left(folder, url)
        recovered = await recover_run(folder, {}, told, RecoveryOptions())

    assert Fleet.last.asked == ["prepare", "teardown", "recover", "sweep", "stop"]
    assert "run.jsonl: the clean-up journal cannot grow; clean-up goes on" in told.notices
    assert (recovered.count.deleted, recovered.count.swept) == (3, 2)
    assert recovered.whole
    assert not folder.exists()
