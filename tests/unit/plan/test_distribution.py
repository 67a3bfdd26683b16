"""Distributions of think time: as they are written, and as they are drawn."""

from __future__ import annotations

import random

import pytest

from wedload.plan.distribution import Distribution
from wedload.units import NS_PER_MS, NS_PER_S


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2s", Distribution("constant", 2 * NS_PER_S)),
        ("constant(2s)", Distribution("constant", 2 * NS_PER_S)),
        ("uniform(1s, 3s)", Distribution("uniform", NS_PER_S, 3 * NS_PER_S)),
        ("uniform(high=3s, low=1s)", Distribution("uniform", NS_PER_S, 3 * NS_PER_S)),
        (" normal( 1s , sd = 200ms ) ", Distribution("normal", NS_PER_S, 200 * NS_PER_MS)),
        ("exponential(mean=1s)", Distribution("exponential", NS_PER_S)),
        ("lognormal(p50=120ms, p99=900ms)", Distribution("lognormal", 120_000_000, 900_000_000)),
    ],
)
def test_distribution_is_read(text, expected):
    assert Distribution.parse(text) == expected
    assert Distribution.parse(str(expected)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a duration"),
        ("fast", "is not a duration"),
        (5, "is not a duration"),
        ("gauss(1s)", "'gauss' is not a distribution; known: constant, uniform, normal"),
        ("uniform()", r"write uniform\(low, high\)"),
        ("uniform(1s)", r"write uniform\(low, high\)"),
        ("uniform(1s, 2s, 3s)", r"write uniform\(low, high\)"),
        ("uniform(low=1s, low=2s)", r"write uniform\(low, high\)"),
        ("uniform(1s, low=2s)", r"write uniform\(low, high\)"),
        ("uniform(from=1s, to=2s)", r"write uniform\(low, high\)"),
        ("uniform(1, 2)", "'1' is not a duration"),
        ("uniform(3s, 1s)", "the upper end is below the lower one"),
        ("lognormal(p50=2s, p99=1s)", "p50 must be above zero and not above p99"),
        ("lognormal(p50=0s, p99=1s)", "p50 must be above zero"),
        ("uniform(1s, 2s) + 1s", "is not a duration"),
    ],
)
def test_wrong_distribution_is_explained(text, message):
    with pytest.raises(ValueError, match=message):
        Distribution.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "2s", "0s", "uniform(1s, 3s)", "uniform(1s, 1s)", "normal(1s, 100ms)", "exponential(1s)",
        "exponential(0s)", "lognormal(p50=1s, p99=2s)", "lognormal(p50=1s, p99=1s)",
    ],
)  # fmt: skip
def test_mean_of_many_draws_is_the_mean(text):
    distribution, rng = Distribution.parse(text), random.Random(7)

    draws = [distribution.draw_ns(rng) for _ in range(20_000)]

    assert min(draws) >= 0
    assert sum(draws) / len(draws) == pytest.approx(distribution.mean_ns, rel=0.03, abs=1)


def test_lognormal_has_the_quantiles_that_were_asked_for():
    distribution, rng = Distribution.parse("lognormal(p50=100ms, p99=1s)"), random.Random(7)

    draws = sorted(distribution.draw_ns(rng) for _ in range(50_000))

    assert draws[25_000] == pytest.approx(100 * NS_PER_MS, rel=0.03)
    assert draws[49_500] == pytest.approx(NS_PER_S, rel=0.06)


def test_normal_is_never_below_zero():
    distribution, rng = Distribution.parse("normal(1ms, 1s)"), random.Random(7)

    assert min(distribution.draw_ns(rng) for _ in range(100)) == 0


def test_same_seed_draws_the_same():
    distribution = Distribution.parse("uniform(1s, 3s)")

    assert distribution.draw_ns(random.Random(3)) == distribution.draw_ns(random.Random(3))
