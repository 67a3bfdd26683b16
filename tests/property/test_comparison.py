"""What holds for any figures of a comparison."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wedload.comparison.effects import (
    change_of,
    interval_of,
    margin_as_effect,
    margin_of,
)
from wedload.comparison.k6 import is_k6_summary, points_of_k6
from wedload.comparison.model import Row, Settings
from wedload.comparison.row_spec import RowSpec
from wedload.comparison.words import (
    change_words,
    interval_words,
    sentence,
    span_words,
    value_words,
    values_words,
)

EFFECTS = st.floats(-5, 5)
VALUES = st.floats(1e-4, 1e7)
KINDS = st.sampled_from([
    ("trend", "ms", "higher"), ("share", "ratio", "higher"), ("share", "ratio", "lower"),
    ("throughput", "per_s", "lower"), ("throughput", "per_s", "higher"),
    ("drops", "ratio", "higher"),
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["http_reqs", "http_req_duration", "checks", "p(95)", "values"]),
            inner, max_size=4,
        )
    ),
)  # fmt: skip

NUMBERS = st.integers() | st.floats() | st.booleans() | st.none()
FIGURES = st.dictionaries(
    st.sampled_from(["rate", "value", "avg", "p(95)"]), NUMBERS, max_size=4
).flatmap(lambda figures: st.sampled_from([figures, {"values": figures}]))


def spec(kind: tuple[str, str, str]) -> RowSpec:
    return RowSpec(
        name="row", metric="m", aggregation="rate", kind=kind[0], unit=kind[1], worse=kind[2],
        base=(), current=(),
    )  # fmt: skip


@given(KINDS, EFFECTS)
def test_an_effect_for_the_worse_is_a_change_in_the_direction_that_is_worse(kind, effect):
    change = change_of(spec(kind), effect)

    if abs(effect) > 1e-9:
        assert (change > 0) == ((effect > 0) == (kind[2] == "higher"))


@given(KINDS, EFFECTS, st.floats(0, 3), st.floats(0, 3))
def test_an_interval_of_effects_stays_around_the_change(kind, effect, below, above):
    low, high = interval_of(spec(kind), effect - below, effect + above)

    change = change_of(spec(kind), effect)
    slack = 1e-9 * (1 + abs(change))
    assert low - slack <= change <= high + slack


@given(KINDS, st.floats(1, 1e12), st.floats(0.001, 0.9), st.floats(0, 1000), st.floats(0.001, 0.9))
def test_the_margin_is_the_same_as_a_change_and_as_an_effect(kind, base, margin, floor, share):
    row = spec(kind)
    settings = Settings(margin, floor, share)

    allowed = margin_of(row, base, settings)

    assert allowed > 0
    effect = margin_as_effect(row, allowed)
    assert effect > 0
    assert math.isclose(abs(change_of(row, effect)), allowed, rel_tol=1e-9)


@given(st.floats(1, 1e12), st.floats(0, 1000))
def test_a_duration_may_grow_by_the_floor_in_any_case(base_ns, floor_ms):
    row = spec(("trend", "ms", "higher"))

    allowed = margin_of(row, base_ns, Settings(floor_ms=floor_ms))

    assert allowed * base_ns >= floor_ms * 1e6 * (1 - 1e-9)
    assert allowed >= 0.05


@given(
    KINDS, st.none() | VALUES, st.none() | VALUES, st.none() | st.floats(-1, 1e4),
    st.none() | st.tuples(st.floats(-1, 1e4), st.floats(-1, 1e4)),
    st.sampled_from(["regression", "no-regression", "inconclusive", "not-decided"]),
    st.none() | st.floats(0, 1e9),
)  # fmt: skip
def test_any_row_has_words_that_fit_a_table(kind, base, current, change, interval, outcome, needed):
    row = Row(
        name="row", metric="m", where={}, aggregation="rate", unit=kind[1], worse=kind[2],
        outcome=outcome, base=base, current=current, change=change, interval=interval,
        needed_s=needed,
    )  # fmt: skip

    assert sentence(row).startswith("row")
    assert "nan" not in sentence(row)
    assert values_words(row) or (base is None and current is None)
    assert cell_len(change_words(row)) <= 18
    assert cell_len(interval_words(row)) <= 40


@given(st.floats(0, 1), st.sampled_from(["ratio"]))
def test_a_share_that_is_not_nothing_is_not_shown_as_nothing(value, unit):
    shown = value_words(value, unit)

    assert (shown == "0 %") == (value == 0)
    assert (shown == "100 %") == (value == 1)


@given(st.floats(0, 1e9))
def test_a_length_of_run_is_never_shortened(seconds):
    shown = span_words(seconds)

    if shown != "several days":
        number, unit = shown.split()
        assert float(number) * {"s": 1, "min": 60, "h": 3600}[unit] >= seconds * (1 - 1e-9)


@given(
    st.fixed_dictionaries(
        {"http_reqs": JSON | FIGURES},
        optional={"http_req_duration": JSON | FIGURES, "checks": JSON | FIGURES, "vus": JSON},
    )
)
def test_nothing_that_looks_like_k6_breaks_its_reader(metrics):
    data = {"metrics": metrics, "root_group": {}}

    assert is_k6_summary(data)
    assert all(math.isfinite(value) for value in points_of_k6(data).values())


@given(JSON)
def test_anything_can_be_asked_whether_it_is_of_k6(data):
    assert is_k6_summary(data) in {True, False}
