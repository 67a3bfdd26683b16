"""The tracing of a run, with the process that receives spans really there."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.request
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.unit.plan.test_tracing import PLAN
from wedload.errors import EarError
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.loader import parse_plan
from wedload.run import tracing as of_run
from wedload.run.audience import Audience
from wedload.run.logbook import Logbook
from wedload.run.stopping import Stopping
from wedload.run.tracing import Tracing
from wedload.safety.redactor import Redactor
from wedload.traces.timings import TIMED, TIMED_NS
from wedload.workload.compile_plan import Settings
from wedload.workload.trace_ids import TraceMark, run_tag, sender_of, trace_id

SETTINGS = Settings("here", "http://127.0.0.1:8000", run_id="a run")


class Told:
    def __init__(self):
        self.notices = []

    def notice(self, text):
        self.notices.append(text)

    def tick(self, view):
        raise AssertionError(view)

    def close(self):
        pass


@pytest.fixture
async def stack():
    async with AsyncExitStack() as opened:
        yield opened


def tracing_of(more: str = "", told: Told | None = None) -> Tracing:
    plan = parse_plan(PLAN + more, file="plan.toml", base=Path()).plan
    return Tracing(plan, Audience(told or Told()), "plan.toml:12")


@pytest.fixture
def log(make):
    """The logbook of a run of which two requests were traced."""
    told = Told()
    book = Logbook(make().view, Redactor(["s3cr3t-token"]), told.notice, Stopping("load"))
    book.recorded(Snapshot(0, 0, counts=Counter({CellKey(0, "traced_requests", 0, ""): 2})))
    return book


def post(endpoint: str, *numbers: int) -> None:
    """One span for each of some requests."""
    spans = []
    for number in numbers:
        made = trace_id(run_tag("a run"), TraceMark(0, 0, 0, 0, number))
        spans.append(
            {
                "traceId": made.hex(), "spanId": "00000000000000aa",
                "parentSpanId": sender_of(made).hex(), "name": "GET /?key=s3cr3t-token",
                "startTimeUnixNano": 10, "endTimeUnixNano": 30,
            }
        )  # fmt: skip
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/v1/traces", body, headers)).close()


async def test_without_a_table_nothing_is_opened(stack):
    plan = parse_plan(
        PLAN.replace("[tracing]\n", "").replace("${tracing.endpoint}", ""),
        file="plan.toml", base=Path(),
    ).plan  # fmt: skip
    tracing = Tracing(plan, Audience(Told()))
    assert await tracing.open(stack, SETTINGS) is SETTINGS
    await tracing.settle(aborted=False)
    assert tracing.found is None


async def test_what_comes_of_traced_requests_is_found_when_the_load_is_over(stack, log):
    told = Told()
    tracing = tracing_of(told=told)
    settings = await tracing.open(stack, SETTINGS)
    assert settings.addresses["tracing"] == {"endpoint": settings.spans}
    assert told.notices == [f"spans are received at {settings.spans}/v1/traces (OTLP over HTTP)"]
    tracing.begin(log)
    log.recorded(
        Snapshot(
            0, 1, counts=Counter({CellKey(0, TIMED, 0, "db"): 1, CellKey(0, TIMED_NS, 0, "db"): 5})
        )
    )
    await asyncio.to_thread(post, settings.spans, 1, 2)
    await tracing.settle(aborted=False)
    found = tracing.found
    assert (found.requests, found.exports, found.account.traces, found.lost) == (2, 1, 2, None)
    assert [one.root_ns for one in found.totals.steps.values()] == [40]
    assert {key.operation for key in found.totals.operations} == {"GET /?key=[redacted]"}
    assert [one.sum_ns for one in found.timings.totals.values()] == [5]


async def test_who_wants_to_stop_does_not_wait_for_spans_that_do_not_come(stack, log, monkeypatch):
    monkeypatch.setattr(of_run, "_ABORTED_S", 0.0)
    monkeypatch.setattr(of_run, "_PATIENCE_S", 100.0)
    tracing = tracing_of()
    await tracing.open(stack, SETTINGS)
    tracing.begin(log)
    settling = asyncio.create_task(tracing.settle(aborted=False))
    await asyncio.sleep(0)  # it has asked
    tracing.hurry()
    await settling
    assert (tracing.found.account.traces, tracing.found.lost) == (0, None)


async def test_a_lost_receiver_is_told_of_and_the_run_goes_on(stack, log):
    tracing = tracing_of()
    await tracing.open(stack, SETTINGS)
    tracing.begin(log)
    tracing.kill()
    await tracing.settle(aborted=False)
    assert "the process that receives spans" in tracing.found.lost
    assert "signal 9" in tracing.found.lost


async def test_a_port_that_is_taken_is_told_with_its_line(stack):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EarError) as caught:
            await tracing_of(f'listen = "127.0.0.1:{port}"\n').open(stack, SETTINGS)
    assert caught.value.message == (
        f"plan.toml:12: tracing: cannot listen on 127.0.0.1:{port}: Address already in use"
    )
