"""Benchmark rows as tables: what they may say of time, and every way of getting it wrong."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.plan.benchmark import Requirement
from wedload.plan.reshape import Shape, reshape

STAGES = (
    'executor = "ramping-vus"\nstages = [ { name = "up", duration = "30s", target = 5 }, '
    '{ name = "peak", duration = "30s", target = 5 } ]'
)
USERS = 'executor = "constant-vus"\nvus = 1\nduration = "1m"'

# (what is wrong, the row's table, what is said of it); the row is in line 14
MISTAKES = [
    ("no_requirement", "abort = true", ['benchmarks.a: `require` is missing; write require = "checks: rate > 99%"']),
    ("key_misspelt", "require = 'http_reqs: count > 1', windwo = '1s'", ["benchmarks.a.windwo: there is no key `windwo` here | did you mean window?"]),
    ("key_unknown", "require = 'http_reqs: count > 1', since = '1s'", ["benchmarks.a.since: there is no key `since` here | known: require, abort, after, window"]),
    ("requirement_wrong", "require = 'checks: p95 < 1s'", ["benchmarks.a.require: checks is a rate: p95 does not exist for it"]),
    ("requirement_of_another_type", "require = 5", ["benchmarks.a.require: 5 is not a requirement"]),
    ("abort_as_text", "require = 'http_reqs: count < 1', abort = 'yes'", ['benchmarks.a.abort: expected true or false, found "yes"']),
    ("abort_as_number", "require = 'http_reqs: count < 1', abort = 1", ["benchmarks.a.abort: expected true or false, found a number"]),
    ("after_without_unit", "require = 'http_reqs: count > 1', after = 30", ["benchmarks.a.after: 30 is not a duration"]),
    ("window_of_no_length", "require = 'http_reqs: count > 1', window = '0s'", ["benchmarks.a.window: must be longer than 0s"]),
    ("window_below_a_second", "require = 'http_reqs: count > 1', window = '200ms'", ["benchmarks.a.window: '200ms' is not a number of whole seconds; write 1s"]),
    ("after_between_seconds", "require = 'http_reqs: count > 1', after = '1.5s'", ["benchmarks.a.after: '1.5s' is not a number of whole seconds; write 1s or 2s"]),
    ("everything_at_once", "require = 'http_reqs: p95 < 1s', abort = 2, after = 3, window = 4", ["a.abort: expected", "a.after: 3 is not", "a.require: http_reqs is a counter", "a.window: 4 is not"]),
    ("after_the_end", "require = 'http_reqs: count > 1', after = '1m'", ["benchmarks.a.after: 1m is not before the end of the schedule, 1m: there would be no data | choose an earlier instant, or make the load longer"]),
    ("selector_misspelt", "require = 'http_reqs{step=lok}: count > 1', after = '1s'", ['benchmarks.a: `http_reqs` never has step "lok" in this plan | did you mean look?']),
    ("about_the_setup", "require = 'http_reqs{scenario=setup}: count > 1', after = '1s'", ["benchmarks.a.after: setup is no part of the load, which after, window and abort are about | write the requirement alone"]),
    ("aborted_by_the_setup", "require = 'http_reqs{scenario=setup}: count < 1', abort = true", ["benchmarks.a.abort: setup is no part of the load"]),
    ("least_count_that_aborts", "require = 'http_reqs: count >= 5', abort = true", ["benchmarks.a.abort: `count >= 5` can be reached until the end, so a miss is certain then only | add a window, such as window"]),
    ("throughput_that_aborts", "require = 'http_reqs: rate > 5/s', abort = true", ["benchmarks.a.abort: a rate per second is known at the end only | add a window"]),
    ("average_that_aborts", "require = 'http_req_duration: avg < 5s', abort = true", ["an average can recover until the end"]),
    ("largest_that_must_be_large", "require = 'http_req_duration: max > 5s', abort = true", ["one sample can still meet `max > 5s`"]),
    ("smallest_that_must_be_small", "require = 'http_req_duration: min < 5s', abort = true", ["one sample can still meet `min < 5s`"]),
    ("percentile_that_must_be_equal", "require = 'http_req_duration: p95 == 5s', abort = true", ["that a percentile is equal to something is certain at the end only"]),
    ("throughput_of_a_stage_in_windows", "require = 'http_reqs{stage=up}: rate > 5/s', window = '5s'", ["benchmarks.a.window: beside its stage every window would miss `rate > 5/s`: nothing is counted there | leave out window, or the stage"]),
    ("count_of_a_stage_in_windows", "require = 'http_req_duration{stage=up}: count == 5', window = '5s'", ["benchmarks.a.window: beside its stage every window would miss"]),
    ("throughput_of_what_is_left_of_a_stage", "require = 'http_reqs{stage=up}: rate > 5/s', after = '5s'", ["benchmarks.a.after: how much of its stage is left then"]),
]  # fmt: skip


def plan_with(valid: str, row: str) -> str:
    setup = '[[setup]]\nhttp = "GET /"\n' if "setup" in row else ""
    text = valid.replace(USERS, STAGES) if "stage=" in row else valid
    return text + f"[benchmarks]\na = {{ {row} }}\n" + setup


@pytest.mark.parametrize(
    ("row", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_mistake_in_a_row_is_reported_with_its_line_and_what_to_do(valid, problems, row, expected):
    found = problems(plan_with(valid, row))

    assert len(found) == len(expected), found
    line = 13 if "stage=" in row else 14
    for problem, fragment in zip(found, expected, strict=True):
        assert problem.startswith(f"plan.toml:{line}: "), problem
        assert fragment in problem


@pytest.mark.parametrize("row", ["5", "[]", "true"])
def test_row_that_is_neither_text_nor_table_says_what_it_can_be(valid, problems, row):
    (found,) = problems(valid + f"[benchmarks]\na = {row}\n")

    assert found.startswith("plan.toml:14: benchmarks.a: expected a requirement such as ")


def test_keys_of_a_row_with_a_header_of_its_own_have_their_lines(valid, problems):
    found = problems(valid + "[benchmarks.a]\nrequire = 'http_reqs: count > 1'\nafter = '2m'\n")

    assert [one.partition(" ")[0] for one in found] == ["plan.toml:15:"]


GOOD = [
    ("require = 'http_reqs: count > 1'", (0, None, False)),
    ("require = 'http_reqs: count > 1', after = '0s', abort = false", (0, None, False)),
    ("require = 'http_reqs: count > 1', after = '59s'", (59, None, False)),
    ("require = 'http_reqs: count > 1', window = '1h'", (0, 3600, False)),
    ("require = 'http_reqs: rate > 1/s', window = '5s', abort = true", (0, 5, True)),
    ("require = 'http_reqs: count < 5', abort = true", (0, None, True)),
    ("require = 'http_reqs: count == 5', abort = true", (0, None, True)),
    ("require = 'http_req_failed: rate < 1%', abort = true, after = '5s'", (5, None, True)),
    ("require = 'http_req_duration: p95 < 1s', abort = true", (0, None, True)),
    ("require = 'http_req_duration: max < 1s', abort = true", (0, None, True)),
    ("require = 'http_req_duration: avg < 1s', abort = true, window = '9s'", (0, 9, True)),
    ("require = 'http_reqs{stage=up}: count < 5', window = '5s'", (0, 5, False)),
    ("require = 'http_req_duration{stage=up}: p95 < 1s', window = '5s'", (0, 5, False)),
]


@pytest.mark.parametrize(("row", "expected"), GOOD)
def test_row_as_a_table_says_what_it_says(valid, load, row, expected):
    read = load(plan_with(valid, row)).plan.benchmarks["a"]

    assert (read.after_s, read.window_s, read.abort) == expected


def test_table_with_a_requirement_alone_is_the_row_as_text(valid, load):
    text = load(valid + "[benchmarks]\na = 'http_reqs: count > 1'\n")
    table = load(valid + "[benchmarks]\na = { require = 'http_reqs: count > 1' }\n")

    assert table.plan.benchmarks == text.plan.benchmarks


ROW = (
    "[benchmarks]\na = { require = 'http_req_failed: rate < 1%', after = '20s', window = '10s' }\n"
)


@pytest.mark.parametrize(
    ("shape", "dropped"),
    [
        (Shape(duration="20s"), {"a": "the load then ends before its `after`"}),
        (Shape(duration="21s"), {}),
        (Shape(stages=("10s:5", "5s:0")), {"a": "the load then ends before its `after`"}),
        (Shape(vus=7), {}),
    ],
)
def test_row_about_what_a_shorter_load_does_not_come_to_is_dropped_and_named(
    valid, load, shape, dropped
):
    changed, found = reshape(load(valid + ROW), shape)

    assert found == dropped
    assert ("a" in changed.plan.benchmarks) == (not dropped)


def row(after_s=0, window_s=None):
    return Requirement(
        "checks: rate > 99%", "checks", (), "rate", ">", 0.99, "ratio", after_s, window_s
    )


@pytest.mark.parametrize(
    ("scale", "after_s", "window_s", "shortest"),
    [
        (1, 30, 60, False),
        (0.5, 15, 30, False),
        (0.05, 2, 3, False),  # 1.5 s of warm-up are left out as a whole
        (0.01, 1, 1, True),
        (2, 60, 120, False),
        (0.1, 3, 6, False),  # not 4, whatever binary fractions make of 0.1
    ],
)
def test_times_scale_with_the_load_in_whole_seconds_and_never_below_one(
    scale, after_s, window_s, shortest
):
    scaled = row(30, 60).scaled(scale)

    assert (scaled.after_s, scaled.window_s) == (after_s, window_s)
    assert row(30, 60).shortest(scale) == shortest


@given(
    st.integers(0, 10_000),
    st.none() | st.integers(1, 10_000),
    st.floats(0.001, 1000, allow_nan=False),
)
def test_scaled_times_are_within_a_second_of_what_they_should_be(after_s, window_s, scale):
    scaled = row(after_s, window_s).scaled(scale)

    assert -1e-6 <= scaled.after_s - after_s * scale < 1 + 1e-6
    assert (scaled.window_s is None) == (window_s is None)
    if window_s is not None:
        assert scaled.window_s >= 1
        assert abs(scaled.window_s - max(window_s * scale, 1)) <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("of", "terms"),
    [
        (row(), "rate > 99%"),
        (row(after_s=90), "rate > 99% after 1m30s"),
        (row(window_s=60), "rate > 99% in each 1m"),
        (row(30, 60), "rate > 99% in each 1m after 30s"),
    ],
)
def test_terms_say_the_demand_and_its_times(of, terms):
    assert of.terms == terms
    assert of.words == "rate > 99%"
