"""The comparison is right about simulated pairs as often as it says; from fixed seeds."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.compare.latency import Model, level, simulate_run
from benchmarks.compare.report import render
from benchmarks.compare.simulate import ROWS, Setting, Tally, simulate
from tests.helpers.places import ROOT


def test_the_level_is_an_ar1_process_as_stated():
    series = level(Model(40_000, 0.8, 0.1), np.random.default_rng(1))
    assert series.std() == pytest.approx(0.1, rel=0.05)
    for lag in (1, 2, 5):
        assert np.corrcoef(series[lag:], series[:-lag])[0, 1] == pytest.approx(0.8**lag, abs=0.03)


def test_simulated_requests_are_as_many_and_as_long_as_stated():
    model = Model(400, 0.5, 0.05)
    run = simulate_run(model, np.random.default_rng(2))
    trend = run.trends[1]
    assert trend.counts.sum() == pytest.approx(400 * 50, rel=0.03)
    share = np.cumsum(trend.counts.sum(axis=0)) / trend.counts.sum()
    p95 = trend.highs_ns[np.searchsorted(share, 0.95)]
    assert p95 == pytest.approx(model.quantile_ns(1, 0.95), rel=0.03)
    assert run.throughput.counts.sum() == run.failures.total.sum()


def test_runs_that_are_alike_are_not_called_a_regression_and_slower_ones_are():
    """Of 40 pairs of 5 minutes: none, at the margin few, and 10 % slower all."""
    tally = simulate(Setting(Model(300, 0.5, 0.05)), pairs=40, seed=3)
    assert tally.pairs == 40
    assert tally.alike_regression == 0
    assert tally.margin_regression <= 5  # 2 at 5 %; 6 or more come in 1 case of 70
    assert tally.margin_cleared_rows <= 0.1 * 40 * ROWS
    assert tally.slower_found == 40
    assert tally.one_step_found >= 33
    assert tally.differences_covered >= 0.92 * tally.differences


def test_what_a_run_has_as_a_whole_is_taken_for_a_difference():
    """One run a side cannot see it; the documentation says so, and the table shows how much."""
    sure = simulate(Setting(Model(60, 0.0, 0.05), offset=0.2), pairs=12, seed=4)
    assert sure.alike_regression >= 2


def test_pairs_are_the_same_however_many_processes_there_are():
    setting = Setting(Model(25, 0.0, 0.05))
    assert simulate(setting, 4, seed=5, jobs=2) == simulate(setting, 4, seed=5, jobs=1)


def test_the_report_names_each_setting_and_says_nothing_of_next_to_nothing():
    tally = Tally(pairs=200, alike_regression=3, margin_regression=10, slower_found=190)
    text = render([(Setting(Model(60, 0.5, 0.05)), tally)], command="x", version="1", numpy="2")
    assert "| 60 s | 0.5 | 5 % | 0 % | 200 | 1.5 % | 5.0 % | 0.0 % |" in text
    assert "| 60 s | 0.5 | 5 % | – | – |" in text


def test_the_command_writes_the_report(tmp_path):
    output = tmp_path / "RESULTS.md"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compare", "simulate", "--pairs", "0"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "1 or more" in done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compare", "simulate", "--pairs", "1", "--others", "1",
         "--output", str(output)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    text = output.read_text(encoding="utf-8")
    assert text.count("| 60 s |") == 10 + 10 + 8
    assert "--pairs 1 --others 1 --seed 1`" in text
