"""Resamples keep blocks together and stages apart."""

from __future__ import annotations

import numpy as np
import pytest

from wedload.statistics.blocks import Strata, block_variance, centred
from wedload.statistics.resample import resample


def test_each_resample_has_as_many_seconds_of_each_stage_as_the_run():
    strata = Strata((50, 7, 23), (0, 50, 57))
    weights = resample(strata, 8, 1, 200)
    assert weights.shape == (200, 80)
    assert (weights[:, :50].sum(axis=1) == 50).all()
    assert (weights[:, 50:57] == 1).all(), "a stage no longer than a block is one block"
    assert (weights[:, 57:].sum(axis=1) == 23).all()


def test_every_second_is_as_likely_as_any_other():
    weights = resample(Strata((30,), (0,)), 7, 2, 20_000)
    assert weights.mean(axis=0) == pytest.approx(np.ones(30), abs=0.04)


def test_a_block_holds_neighbours_together():
    """With two blocks of 10 of 20 s, each resample is two runs of ones, or one of twos."""
    for row in resample(Strata((20,), (0,)), 10, 3, 300):
        edges = int(np.count_nonzero(row != np.roll(row, 1)))
        assert edges in {0, 2, 4}
        assert row.sum() == 20


def test_the_variance_over_resamples_is_that_by_blocks():
    strata = Strata((120, 60), (0, 120))
    series = centred(np.random.default_rng(4).normal(size=180).cumsum(), strata)
    sums = resample(strata, 10, 5, 8_000) @ series
    kept = 1 - 10 * (1 / 120 * (series[:120] @ series[:120])
                     + 1 / 60 * (series[120:] @ series[120:])) / (series @ series)  # fmt: skip
    assert np.var(sums) == pytest.approx(block_variance(series, strata, 10) * kept, rel=0.05)


def test_the_same_seed_gives_the_same_and_another_one_others():
    strata = Strata((40,), (0,))
    assert (resample(strata, 5, 1, 50) == resample(strata, 5, 1, 50)).all()
    assert (resample(strata, 5, 1, 50) != resample(strata, 5, 2, 50)).any()


def test_counting_a_few_resamples_at_once_changes_none_of_them(monkeypatch):
    strata = Strata((50, 30), (0, 50))
    together = resample.__wrapped__(strata, 8, 1, 100)
    monkeypatch.setattr("wedload.statistics.resample._CELLS_AT_ONCE", 700)
    assert (resample.__wrapped__(strata, 8, 1, 100) == together).all()
