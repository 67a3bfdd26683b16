"""Levels by second, and when what a selector names is in force."""

from __future__ import annotations

import numpy as np

from wedload.metrics.catalogue import Catalogue, Phase
from wedload.metrics.levels import Level, LevelKey, Levels, spans_of

CPU = LevelKey("api", "resource_cpu")


def test_levels_are_kept_as_they_were_and_gaps_are_gaps():
    levels = Levels()
    levels.add(0, {CPU: Level(0.5, 4.0)})
    levels.add(3, {CPU: Level(0.1), LevelKey("db", "resource_active"): Level(7.0)})

    assert np.array_equal(levels.by_second(CPU, 5), [0.5, np.nan, np.nan, 0.1, np.nan], True)
    assert np.array_equal(levels.by_second(CPU, 2), [0.5, np.nan], True)
    assert np.isnan(levels.by_second(LevelKey("x", "y"), 2)).all()
    assert (levels.capacity(CPU), list(levels.of("api"))) == (4.0, [CPU])


def test_selectors_of_the_schedule_say_when_and_others_say_nothing():
    catalogue = Catalogue()
    for phase in (
        Phase("a", "ramp", 5.0, 0.0), Phase("a", "peak", 5.0, 5.0, (("fault", "slow"),)),
        Phase("a"), Phase("b", "peak", 2.0, 20.0),
    ):  # fmt: skip
        catalogue.add_phase(phase)

    assert spans_of(catalogue, (("resource", "api"),)) is None
    assert spans_of(catalogue, (("stage", "peak"),)) == [(5.0, 10.0), (20.0, 22.0)]
    assert spans_of(catalogue, (("stage", "peak"), ("scenario", "a"))) == [(5.0, 10.0)]
    assert spans_of(catalogue, (("fault", "slow"),)) == [(5.0, 10.0)]
    assert spans_of(catalogue, (("scenario", "b"),)) == [(20.0, 22.0)]
    assert spans_of(catalogue, (("stage", "none"),)) == []
