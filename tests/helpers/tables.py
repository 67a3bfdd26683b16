"""Runs that are hard on a table: long names, huge numbers, wide characters, markup."""

from __future__ import annotations

import re

from rich.cells import cell_len

from wedload.verdict.model import Finding

LONG = "a step whose name is far longer than any table could ever hold in eighty columns, truly"
HUGE = {
    "steps": [f"{n} {LONG}" for n in range(30)],
    "benchmarks": {
        f"{n} {LONG}": f"http_req_duration{{step='{n} {LONG}'}}: p99.99 <= 1h59m59s"
        for n in range(20)
    },
    "plan": LONG,
    "target": "local",
    "stage": LONG,
    "ms": [0.001, 99_999, 3_600_000],
    "count": 123_456_789,
    "failed": 98_765_432,
    "notes": {f"{n} {LONG}: {LONG}": 10**9 + n for n in range(12)},
    "findings": [Finding("cleanup", f"{LONG} {LONG}", invalidates=False)],
    "leaked": 1_234_567,
}
WIDE = {
    "steps": [
        "予約フォームを作成する" * 3,
        "naïve ☕ step",
    ],
    "benchmarks": {"申し込みの所要時間" * 3: "http_reqs: count > 1"},
}
MARKUP = {
    "steps": ["[red]not markup[/red]", "[/]", "[bold"],
    "benchmarks": {"[link=x]row[/link]": "http_req_failed: rate < 1%"},
    "notes": {"look: [/nothing] of [this] is markup": 3},
    "failed": 1,
    "plan": "[blink]plan",
    "stage": "[i]stage",
    "findings": [Finding("cleanup", "left [b]behind", invalidates=False)],
}
TIMED = {
    "benchmarks": {
        "In each": "{ require = 'http_req_duration: p95 < 2s', window = '1s', after = '1s' }",
        LONG: "{ require = 'http_req_duration: p99.99 <= 1h59m59s', window = '1h1m1s', "
        "after = '1h1m1s', abort = true }",
        "Abort": "{ require = 'http_req_failed: count < 1', abort = true }",
    },
    "failed": 1,
}
CASES = [{}, HUGE, WIDE, MARKUP, TIMED]
IDS = ["small", "huge", "wide_characters", "markup", "timed_rows"]


def widths(text: str) -> list[int]:
    return [cell_len(line) for line in text.splitlines()]


def plain(text: str) -> str:
    """What a terminal shows, without the sequences that move its cursor and colour it."""
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text)
