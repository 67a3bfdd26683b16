import pickle
import random

import numpy as np
import pytest

from wedload.plan.distribution import Distribution
from wedload.plan.latency import Empirical, parse_latency
from wedload.units import NS_PER_MS

VALUES_NS = tuple(sorted(NS_PER_MS * value for value in (3, 1, 4, 1, 5, 9, 2, 6)))


class Script(random.Random):
    """Gives the shares that it is told to."""

    def __init__(self, *shares):
        super().__init__(0)
        self._shares = list(shares)

    def random(self):
        return self._shares.pop(0)


@pytest.mark.parametrize(
    ("text", "file", "column"),
    [
        ('empirical("calls.csv")', "calls.csv", None),
        ("empirical('my calls.csv')", "my calls.csv", None),
        ("empirical(latencies.txt)", "latencies.txt", None),
        (' empirical( "a.csv" , column = "ms" ) ', "a.csv", "ms"),
        ("empirical(a.csv, column=duration ms)", "a.csv", "duration ms"),
    ],
)
def test_a_file_is_named_with_or_without_quotes_and_a_column(text, file, column):
    assert parse_latency(text) == Empirical(file, column)


def test_other_shapes_are_those_of_think_time():
    assert parse_latency("lognormal(p50=120ms, p99=900ms)") == Distribution.parse(
        "lognormal(p50=120ms, p99=900ms)"
    )


@pytest.mark.parametrize("text", ["empirical()", "empirical(a.csv", 'empirical("a", row="b")'])
def test_what_is_no_file_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match=r"write empirical"):
        parse_latency(text)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.777, 0.999999, 1 - 2**-53])
def test_a_draw_is_the_quantile_that_numpy_gives(share):
    drawn = Empirical("f", None, VALUES_NS).draw_ns(Script(share))
    assert drawn == pytest.approx(np.quantile(VALUES_NS, share, method="linear"), abs=1)


def test_a_file_of_one_duration_is_a_constant():
    assert Empirical("f", None, (7,)).draw_ns(random.Random(1)) == 7


def test_the_durations_travel_with_it():
    latency = Empirical("f", "c", VALUES_NS)
    assert pickle.loads(pickle.dumps(latency)).values_ns == VALUES_NS


@pytest.mark.parametrize("text", ['empirical("a.csv")', 'empirical("a.csv", column="ms")'])
def test_it_is_shown_as_it_is_written(text):
    assert str(parse_latency(text)) == text
