"""The rate at which a row breaks: recovered from curves that are known, refused where none is."""

from __future__ import annotations

import math
import random

import pytest

from wedload.capacity.crossing import Crossing, crossing
from wedload.capacity.probe import BadShare

TOLERANCE = 0.05
RATES = (85, 90, 95, 98, 102, 105, 110, 115)


def curve(rate: float, at: float = 100, steepness: float = 10) -> float:
    """The share of bad samples, which comes to what is tolerated at a rate."""
    level = math.log(TOLERANCE / (1 - TOLERANCE))
    return 1 / (1 + math.exp(-(level + steepness * (rate / at - 1))))


def exact(rates=RATES, total: int = 1_000_000, **curved: float):
    return [
        (rate, BadShare(TOLERANCE, round(curve(rate, **curved) * total), total)) for rate in rates
    ]


@pytest.mark.parametrize("at", [92, 100, 108])
@pytest.mark.parametrize("steepness", [3, 10, 30])
def test_a_curve_without_noise_is_recovered(at, steepness):
    found = crossing(exact(at=at, steepness=steepness), centre=100, near=0.15)

    assert isinstance(found, Crossing)
    assert found.rate == pytest.approx(at, rel=1e-3)
    assert found.steepness == pytest.approx(steepness, rel=0.01)
    assert found.low < at < found.high
    assert found.probes == len(RATES)


def test_the_interval_is_that_wide_as_probes_differ():
    """Not as their samples do: there are a million, and they would say 0.01 %."""
    rng = random.Random(1)
    shaken = [
        (rate, BadShare(TOLERANCE, round(curve(rate * rng.gauss(1, 0.02)) * 10**6), 10**6))
        for rate in RATES
    ]

    found = crossing(shaken, centre=100)

    assert isinstance(found, Crossing)
    assert found.low < 100 < found.high
    assert 0.005 < found.doubt < 0.06


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = random.Random(7)
    held = found = 0
    for _ in range(200):
        rates = [100 * rng.uniform(0.9, 1.1) for _ in range(12)]
        noisy = [
            (rate, BadShare(TOLERANCE, round(curve(rate * rng.gauss(1, 0.03)) * 10**5), 10**5))
            for rate in rates
        ]
        one = crossing(noisy, centre=100)
        if isinstance(one, Crossing):
            found += 1
            held += one.low < 100 < one.high
    assert found > 190
    assert held / found > 0.9


def test_of_few_samples_their_own_chance_counts():
    wide = crossing(exact(total=200), centre=100)
    narrow = crossing(exact(total=20_000), centre=100)

    assert isinstance(wide, Crossing)
    assert isinstance(narrow, Crossing)
    assert wide.doubt > 5 * narrow.doubt


def test_probes_that_are_farther_off_count_less():
    """The curve is another one there, with a floor that no fit knows of."""
    far = [(rate, BadShare(TOLERANCE, 30_000, 10**6)) for rate in (65, 70, 75)]

    near = crossing([*far, *exact()], centre=100, near=0.05)
    alike = crossing([*far, *exact()], centre=100)

    assert isinstance(near, Crossing)
    assert isinstance(alike, Crossing)
    assert abs(near.rate - 100) < abs(alike.rate - 100)
    assert near.rate == pytest.approx(100, rel=0.01)


REFUSED = [
    ("few", exact((95, 105, 110)), "3 probes near it are too few"),
    ("one side", exact((80, 85, 90, 95)), "the probes near it all lie on one side"),
    (
        "falling",
        [(200 - rate, one) for rate, one in exact()],
        "higher rates did not fare worse than lower ones",
    ),
    (
        "noise alone",
        [(90 + n, BadShare(TOLERANCE, 10 + 80 * (n % 2), 1000)) for n in range(20)],
        "higher rates did not clearly fare worse than lower ones",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("points", "why"), [one[1:] for one in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_cannot_be_said_is_refused_with_the_reason(points, why):
    assert crossing(points, centre=100) == why


def test_probes_without_a_sample_are_left_out():
    empty = [(100.0, BadShare(TOLERANCE, 0, 0))] * 3
    assert crossing([*empty, *exact()], centre=100) == crossing(exact(), centre=100)


def test_probes_without_a_bad_sample_are_no_certainty():
    points = [(rate, BadShare(TOLERANCE, 0 if rate < 100 else 60, 300)) for rate in RATES]
    found = crossing(points, centre=100)
    assert isinstance(found, Crossing | str)  # and no overflow
