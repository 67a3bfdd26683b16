"""What `wedload ctl` prints of a run."""

from __future__ import annotations

import re

from tests.helpers.tables import LONG, widths
from wedload.cli.ctl import status_text

STATUS = {
    "plan": "peak", "target": "local", "run": "20270619-120000-abcd", "phase": "load",
    "stage": "stage up (1 of 2)", "elapsed_s": 12.0, "end_s": 60.0, "vus": 3,
    "iterations_per_s": 1.0, "steps_per_s": 2.0, "steps_are": "requests",
    "failed_ratio": 0.5, "paused": [],
    "aborted_by": "Checks",
    "benchmarks": [
        {"name": "Checks", "require": "rate > 99% in each 1m after 30s", "status": "missed",
         "observed": 0.5, "unit": "ratio", "samples": 10},
        {"name": LONG, "require": "p99.99 <= 1h59m59s in each 1h1m1s after 1h1m1s",
         "status": "no-data", "observed": None, "unit": "ms", "samples": 0},
    ],
}  # fmt: skip


def test_status_of_a_run_fits_80_columns_and_names_what_aborts_it():
    text = status_text(STATUS)

    assert max(widths(text)) <= 80
    assert "stopping, as this was missed: Checks" in text
    assert re.search(r"✗ Checks +rate > 99% in each 1m after 30s +50 %\n", text)
    assert re.search(r"· a step whose name.*…  p99.99 <= 1h59m59s in each .*… +–$", text)


def test_status_calls_only_what_is_sent_over_http_requests():
    assert " 1 it/s  2 req/s  failed 50 %" in status_text(STATUS)
    assert " 1 it/s  2 steps/s  failed 50 %" in status_text(STATUS | {"steps_are": "steps"})
