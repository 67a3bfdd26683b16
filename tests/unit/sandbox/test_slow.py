"""Which endpoints are to be slow, and how slow."""

from __future__ import annotations

import time

import pytest

from wedload.sandbox.app import ROUTES
from wedload.sandbox.errors import OptionError
from wedload.sandbox.options import parse_options
from wedload.sandbox.slow import SlowDown, delays, linger, parse_slow_down

SUBMIT = ("POST", "/api/forms/{form_id}/submit")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("POST /api/forms/*/submit=50ms", SlowDown("POST", "/api/forms/*/submit", 0.05)),
        ("  get  /healthz = 1.5s ", SlowDown("GET", "/healthz", 1.5)),
        ("* /healthz=600s", SlowDown("*", "/healthz", 600.0)),
        ("GET /a=b=2ms", SlowDown("GET", "/a=b", 0.002)),
        ("GET /healthz=0ms", SlowDown("GET", "/healthz", 0.0)),
    ],
)
def test_method_path_and_duration_are_read(text, meant):
    assert parse_slow_down(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "", "=50ms", "POST=50ms", "POST /x", "POST /x=", "POST /x=50", "POST /x=50min", "/x=50ms",
        "POST x=50ms", "POST /x=-5ms", "POST /x=1e3ms", "POST /x=ms", "POST /x=nans", "POST /x=٣s",
        "POST /x /y=5ms", "POST /x=5ms;",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"write 'POST /api/forms/\*/submit=50ms'"):
        parse_slow_down(text)


def test_longer_than_ten_minutes_is_refused():
    with pytest.raises(ValueError, match="longer than 600s"):
        parse_slow_down("GET /healthz=601s")


@pytest.mark.parametrize(
    ("wishes", "slow"),
    [
        ([], {}),
        (["POST /api/forms/*/submit=50ms"], {SUBMIT: 0.05}),
        (["POST /api/forms/{form_id}/submit=50ms"], {SUBMIT: 0.05}),
        (["DELETE /api/forms/*=5ms"], {("DELETE", "/api/forms/{form_id}"): 0.005}),
        (
            ["POST /api/auth/*=1s", "POST /api/auth/couple=2s"],
            {("POST", "/api/auth/supplier"): 1.0, ("POST", "/api/auth/couple"): 2.0},
        ),
        (["* /healthz=1ms"], {("GET", "/healthz"): 0.001}),
    ],
)
def test_star_stands_for_one_segment_and_the_last_wish_counts(wishes, slow):
    assert delays([parse_slow_down(wish) for wish in wishes], ROUTES) == slow


@pytest.mark.parametrize(
    "endpoint",
    ["GET /nothing", "PUT /healthz", "POST /api/forms/*/*/submit", "POST /api/forms/", "GET /api"],
)
def test_wish_for_no_endpoint_is_refused_with_those_there_are(endpoint):
    with pytest.raises(OptionError) as refused:
        delays([parse_slow_down(f"{endpoint}=5ms")], ROUTES)
    said = str(refused.value)
    assert said.startswith(f"{endpoint} is no endpoint to slow down; there are:\n")
    assert "\n  POST /api/forms/*/submit\n" in said
    assert said.count("\n") == len(ROUTES)


def test_options_come_after_the_environment_so_that_they_win():
    env = {"WEDLOAD_SANDBOX_SLOW": "GET /healthz=1s; POST /api/forms/*/submit=2s;"}
    slow = parse_options(["--slow", "GET /healthz=3s"], env).slow
    assert delays(slow, ROUTES) == {("GET", "/healthz"): 3.0, SUBMIT: 2.0}


async def test_waiting_is_never_shorter_than_asked_for():
    for delay_s in (0.0003, 0.001, 0.0017, 0.004, 0.0102):
        started = time.perf_counter()
        await linger(delay_s)
        assert time.perf_counter() - started >= delay_s
