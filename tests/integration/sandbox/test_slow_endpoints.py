"""Endpoints that are slow on purpose are so, and no others."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time

import pytest

NEVER_S = 600


def total_ms(answer):
    return float(re.search(r"total;dur=([\d.]+)", answer.headers["Server-Timing"])[1])


async def test_slow_endpoint_takes_at_least_so_long_and_does_its_work(start, visit):
    visitor = visit(start("--slow", "POST /api/forms/*/submit=120ms"))
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    form = await supplier.create_form()
    await couple.connect(form)

    started = time.perf_counter()
    answer = await couple.submit(form)

    assert time.perf_counter() - started >= 0.12
    assert answer.status == 201
    assert answer.body["journey_triggered"] is True
    assert total_ms(answer) >= 120
    counts = await visitor.get("/_sandbox/counts")
    assert counts.body["requests"]["POST /api/forms/{form_id}/submit"] == {"201": 1}


async def test_while_one_endpoint_waits_all_others_answer(start, visit):
    visitor = visit(start("--slow", f"GET /api/suppliers/search={NEVER_S}s"))
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    waiting = [asyncio.create_task(couple.get("/api/suppliers/search")) for _ in range(20)]
    await asyncio.sleep(0)

    form = await supplier.create_form()
    assert (await couple.connect(form)).status == 201
    assert (await couple.submit(form)).status == 201
    assert (await supplier.get("/api/suppliers/dashboard")).status == 200
    assert (await supplier.delete(f"/api/forms/{form}")).status == 204

    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_environment_slows_down_too(start, visit, monkeypatch):
    monkeypatch.setenv("WEDLOAD_SANDBOX_SLOW", "GET /_sandbox/counts=70ms; GET /healthz=90ms")
    visitor = visit(start())

    assert total_ms(await visitor.get("/healthz")) >= 90
    assert total_ms(await visitor.get("/_sandbox/counts")) >= 70


@pytest.mark.parametrize(
    ("arguments", "variable", "said"),
    [
        (["--slow", "POST /x"], "", "argument --slow: 'POST /x' is not METHOD PATH=DURATION"),
        (["--slow", "GET /nothing=5ms"], "", "GET /nothing is no endpoint to slow down"),
        ([], "GET /healthz=5ms; oops", "WEDLOAD_SANDBOX_SLOW: ' oops' is not METHOD PATH"),
        ([], "GET /nothing=5ms", "GET /nothing is no endpoint to slow down"),
    ],
)
def test_what_cannot_be_slowed_down_is_a_mistake_of_the_caller(
    arguments, variable, said, monkeypatch
):
    monkeypatch.setenv("WEDLOAD_SANDBOX_SLOW", variable)
    done = subprocess.run(
        [sys.executable, "-m", "wedload.sandbox", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
