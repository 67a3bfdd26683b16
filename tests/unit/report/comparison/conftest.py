"""Comparisons that were never made, with every kind of row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wedload.comparison.model import Comparison, Row, RunOf, Settings, SideOf
from wedload.comparison.words import headline, in_short, sentence


def row(name: str, **values) -> Row:
    known = {
        "metric": "http_req_duration", "where": {"step": name}, "aggregation": "p95",
        "unit": "ms", "worse": "higher",
    }  # fmt: skip
    made = Row(name=name, **known | values)
    return replace(made, sentence=sentence(made))


ROWS = (
    row("submit form p95", benchmark="Submission", outcome="regression", base=412.3, current=486.4,
        change=0.18, interval=(0.12, 0.25), margin=0.05, level=0.99, p=0.0001, blocks=22,
        block_s=11),
    row("submit form failures", outcome="regression", metric="http_req_failed", unit="ratio",
        aggregation="rate", base=0.002, current=0.0142, change=0.0122, interval=(0.0092, 0.0161)),
    row("search p50", outcome="no-regression", improved=True, base=98.0, current=70.1,
        change=-0.286, interval=(-0.31, -0.26)),
    row("dashboard p95", outcome="inconclusive", base=98.0, current=103.0, change=0.051,
        interval=(-0.02, 0.12), needed_s=1130.0),
    row("sign in p95", reason="too few samples: 12 of 59 for p95"),
    row("throughput", metric="http_reqs", unit="per_s", worse="lower", aggregation="rate",
        outcome="no-regression", base=531.2, current=529.0, change=-0.004,
        interval=(-0.01, 0.02)),
)  # fmt: skip
STARTED = datetime(2027, 6, 19, 12, tzinfo=UTC)


def comparison(rows=ROWS, outcome="regression", reasons=None, **changes) -> Comparison:
    def side(label: str) -> SideOf:
        run = RunOf(f"id-{label}", f"{label}.json", STARTED, 540.0, "0.4.0", {})
        return SideOf(f"{label}.json", "peak-season", "sandbox", [run])

    made = Comparison(
        outcome=outcome, comparable=True, method="blocks", headline="", base=side("base"),
        current=side("current"), settings=Settings(), rows=list(rows),
        reasons=in_short(rows) if reasons is None and outcome == "inconclusive" else reasons or [],
        notes=["the number of load processes differs: 1 → 2"],
    )  # fmt: skip
    made = replace(made, **changes)
    return replace(made, headline=headline(made))


@pytest.fixture
def make():
    return comparison


@pytest.fixture
def make_row():
    return row


@pytest.fixture
def not_comparable():
    return comparison(
        (), "inconclusive", comparable=False,
        reasons=["the plans differ: load hash a7a7 (one) in base.json, b8b8 (two) in now.json"],
    )  # fmt: skip
