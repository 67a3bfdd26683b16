"""What the parts of a result say of themselves."""

from __future__ import annotations

import pytest

from tests.helpers.small_result import row
from wedload.results.figures_model import TrendFigures
from wedload.results.model import Benchmark


@pytest.mark.parametrize(
    ("changes", "worse"),
    [
        ({"require": "p95 >= 5ms"}, "higher"),  # a duration, whatever is demanded
        ({"metric": "checks", "unit": "ratio", "require": "rate > 99%"}, "lower"),
        ({"metric": "http_reqs", "unit": "per_s", "require": "rate < 40/s"}, "higher"),
        ({"metric": "checks", "unit": "ratio", "require": "rate == 100%"}, "lower"),
        ({"metric": "http_req_failed", "unit": "ratio", "require": "rate == 0%"}, "higher"),
        ({"metric": "data_sent", "unit": "count", "require": "count == 1000"}, "lower"),
        ({"metric": "of a newer wedload", "unit": "count", "require": "count == 1"}, "higher"),
    ],
)
def test_worse_is_what_is_demanded_less_else_what_the_metric_says(changes, worse):
    assert Benchmark.model_validate(row("a row", **changes)).worse == worse


@pytest.mark.parametrize(
    ("aggregation", "value"),
    [
        ("p50", 1), ("med", 1), ("p99.9", 4), ("p95", 2), ("min", 0.5), ("count", 9),
        ("p97", None), ("rate", None), ("unit", None),
    ],
)  # fmt: skip
def test_figures_of_a_trend_are_asked_as_rows_ask(aggregation, value):
    figures = TrendFigures(unit="ms", count=9, min=0.5, med=1, p95=2, p99_9=4)

    assert figures.of(aggregation) == value
