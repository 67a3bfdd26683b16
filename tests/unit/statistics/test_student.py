"""Student's t against published tables, and its tail far out."""

from __future__ import annotations

import math

import pytest

from wedload.statistics.student import t_quantile, t_tail


@pytest.mark.parametrize(
    ("level", "degrees", "expected"),
    [  # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2
        (0.90, 1, 3.078), (0.95, 1, 6.314), (0.975, 1, 12.706), (0.99, 1, 31.821),
        (0.995, 1, 63.657), (0.999, 1, 318.309),
        (0.95, 2, 2.920), (0.975, 5, 2.571), (0.995, 5, 4.032), (0.95, 10, 1.812),
        (0.975, 19, 2.093), (0.99, 19, 2.539), (0.995, 38, 2.712), (0.999, 38, 3.319),
        (0.95, 100, 1.660), (0.975, 100, 1.984),
        (0.95, math.inf, 1.645), (0.975, math.inf, 1.960), (0.995, math.inf, 2.576),
    ],
)  # fmt: skip
def test_quantiles_are_those_of_the_published_table(level, degrees, expected):
    assert t_quantile(level, degrees) == pytest.approx(expected, abs=6e-4)
    assert t_quantile(1 - level, degrees) == pytest.approx(-expected, abs=6e-4)


@pytest.mark.parametrize("t", [0.0, 1e-9, 0.3, 1.0, 5.0, 80.0, 1e6])
def test_tails_of_one_and_two_degrees_are_the_closed_forms(t):
    cauchy = math.atan2(1, t) / math.pi
    two = 1 / (math.sqrt(2 + t * t) * (math.sqrt(2 + t * t) + t))
    assert t_tail(t, 1) == pytest.approx(cauchy, rel=1e-9)
    assert t_tail(t, 2) == pytest.approx(two, rel=1e-9)
    assert t_tail(-t, 2) == pytest.approx(1 - two, rel=1e-9)


def test_many_degrees_are_the_normal_distribution():
    for t in (0.0, 1.0, 2.5, 6.0, 12.0):
        normal = math.erfc(t / math.sqrt(2)) / 2
        assert t_tail(t, math.inf) == pytest.approx(normal, rel=1e-12)
        assert t_tail(t, 9e5) == pytest.approx(normal, rel=2e-2)


def test_infinite_values_are_certain():
    assert t_tail(math.inf, 3) == 0
    assert t_tail(-math.inf, 3) == 1


@pytest.mark.parametrize(("level", "degrees"), [(0.0, 3), (1.0, 3), (0.9, 0), (0.9, -1)])
def test_what_has_no_quantile_is_refused(level, degrees):
    with pytest.raises(ValueError, match=r"degrees|level"):
        t_quantile(level, degrees)
