"""Comparisons with a known answer: what was made slower, and nothing else, is said to be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wedload.comparison.compare import compare
from wedload.comparison.model import Settings

SUBMIT = (("Submission", "submit form", None, "p95", "p95 < 2s"),)
TABLE = (
    *SUBMIT,
    ("Submission at the top", "submit form", "hold", "p95", "p95 < 2s"),
    ("Nothing fails", "http_req_failed", None, "rate", "rate < 1%"),
    ("Enough", "http_reqs", None, "count", "count > 10"),
)


@pytest.fixture(scope="module")
def base(result, side):
    return side("base.json", result(seed=1, benchmarks=TABLE))


@pytest.fixture
def against(result, side, base):
    """Compares a run that differs as asked with the base."""

    def compared(settings: Settings | None = None, **changes):
        current = side("current.json", result(**{"seed": 2, "benchmarks": TABLE} | changes))
        return compare(base, current, settings or Settings())

    return compared


@pytest.fixture(scope="module")
def alike(result, side, base):
    """The base, compared with a run that nothing was changed in."""
    return compare(base, side("current.json", result(seed=2, benchmarks=TABLE)), Settings())


def named(comparison, outcome):
    return {row.name for row in comparison.rows if row.outcome == outcome}


def test_alike_runs_are_no_regression(alike):
    made = alike

    assert made.outcome == "no-regression"
    assert made.comparable
    assert made.method == "blocks"
    assert named(made, "no-regression") == {row.name for row in made.rows} - {"Enough"}
    assert made.headline.startswith("NO REGRESSION: none of 14 rows")


def test_a_step_that_got_slower_is_named_and_no_other(against):
    made = against(slower={"submit form": 1.18})

    assert made.outcome == "regression"
    assert named(made, "regression") == {
        "submit form p50", "submit form p95", "Submission at the top p95",
    }  # fmt: skip
    row = next(row for row in made.rows if row.name == "submit form p95")
    assert row.benchmark == "Submission"
    assert row.change == pytest.approx(0.18, abs=0.06)
    assert row.interval is not None
    assert 0.05 < row.interval[0] < 0.18 < row.interval[1] + 0.03
    assert row.blocks is not None
    assert row.blocks >= 20
    assert row.sentence.startswith("submit form p95 +")


def test_a_row_of_the_table_that_is_a_step_is_counted_once(alike):
    made = alike

    assert [row.name for row in made.rows].count("submit form p95") == 1


def test_values_shown_are_those_of_the_results_and_their_ratio_is_the_change(against):
    made = against(slower={"submit form": 1.3})

    for row in made.rows:
        if row.unit == "ms":
            assert row.current / row.base - 1 == pytest.approx(row.change, rel=1e-6)


def test_failures_are_found_where_they_are_though_nothing_got_slower(against):
    made = against(failing={"dashboard": 0.03})

    assert made.outcome == "regression"
    assert named(made, "regression") == {"dashboard failures", "checks passed", "Nothing fails"}
    checks = next(row for row in made.rows if row.name == "checks passed")
    assert checks.worse == "lower"
    assert checks.base == 1.0
    assert checks.change == pytest.approx(-0.01, abs=0.005)


def test_a_lower_throughput_is_a_regression(against):
    made = against(per_s=48.0)

    assert "throughput" in named(made, "regression")
    row = next(row for row in made.rows if row.name == "throughput")
    assert row.change == pytest.approx(-0.2, abs=0.05)
    assert row.interval[0] < -0.2 < row.interval[1] < -0.05


def test_dropped_iterations_are_a_regression(against):
    made = against(dropped=0.05)

    assert named(made, "regression") == {"iterations dropped"}


def test_what_got_better_is_said_and_no_regression(against):
    made = against(slower={"submit form": 0.7})

    assert made.outcome == "no-regression"
    assert {row.name for row in made.rows if row.improved} >= {
        "submit form p50", "submit form p95",
    }  # fmt: skip
    assert "3 better" in made.headline


def test_a_change_below_the_margin_is_let_pass(against):
    made = against(Settings(margin=0.3), slower={"submit form": 1.1})

    assert made.outcome == "no-regression"


def test_a_change_below_the_floor_is_let_pass(against):
    made = against(Settings(floor_ms=300.0), slower={"submit form": 1.18})

    assert made.outcome == "no-regression"
    row = next(row for row in made.rows if row.name == "create form p50")
    assert row.margin > 5  # 300 ms of 40 ms


def test_short_runs_are_inconclusive_and_say_how_long_would_do(result, side):
    sides = [side(f"{seed}.json", result(seed=seed, seconds=12)) for seed in (1, 2)]

    made = compare(*sides, Settings())

    assert made.outcome == "inconclusive"
    row = next(row for row in made.rows if row.name == "submit form p95")
    assert row.outcome == "inconclusive"
    assert row.needed_s > 12
    assert "would decide" in row.sentence
    assert any("runs of about" in reason for reason in made.reasons)


def test_too_few_samples_for_a_percentile_decide_nothing_about_it(result, side):
    sides = [side(f"{seed}.json", result(seed=seed, per_s=0.25)) for seed in (1, 2)]

    made = compare(*sides, Settings())

    p95 = [row for row in made.rows if row.aggregation == "p95"]
    assert {row.outcome for row in p95} == {"not-decided"}
    assert all("of 59 for p95" in row.reason for row in p95)


def test_what_is_done_in_a_few_seconds_only_holds_nothing_up(result, side):
    first = {"create form": 6}
    sides = [side(f"{n}.json", result(seed=n, first_s=first)) for n in (1, 2)]

    made = compare(*sides, Settings())

    assert made.outcome == "no-regression"
    rows = {row.name: row for row in made.rows}
    assert rows["create form p50"].reason == "too few seconds with samples: 6 of 20"
    assert rows["create form failures"].outcome == "not-decided"
    assert "of 878 for a margin of 0.50%" in rows["create form failures"].reason


def test_many_failures_among_few_samples_are_no_comfort(result, side):
    first = {"create form": 6}
    base = side("base.json", result(seed=1, first_s=first))
    current = side("now.json", result(seed=2, first_s=first, failing={"create form": 0.5}))

    made = compare(base, current, Settings())

    assert made.outcome != "no-regression"
    row = next(row for row in made.rows if row.name == "create form failures")
    assert row.outcome in {"regression", "inconclusive"}


def test_a_step_that_is_gone_is_no_comfort(result, side, base):
    current = result(seed=2, steps={"create form": 40.0, "dashboard": 120.0})

    made = compare(base, side("current.json", current), Settings())

    assert made.outcome != "no-regression"
    row = next(row for row in made.rows if row.name == "submit form p95")
    assert row.outcome == "inconclusive"
    assert row.reason == "nothing of it in the current runs"


@pytest.mark.parametrize("per_s", [3, 4, 5, 6, 7])
def test_no_failure_at_all_is_never_inconclusive(result, side, per_s):
    """Either so many samples show that nothing fails, or they cannot and hold nothing up."""
    sides = [side(str(seed), result(seed=seed, per_s=per_s)) for seed in (1, 2)]

    made = compare(*sides, Settings())

    outcomes = {row.outcome for row in made.rows if row.metric == "http_req_failed"}
    assert len(outcomes) == 1
    assert outcomes <= {"not-decided", "no-regression"}


def test_a_step_that_is_all_but_gone_is_no_comfort_either(result, side):
    """Of so many steps, that throughput stays within the margin."""
    steps = {"submit form": 400.0, **{f"step {n}": 100.0 for n in range(24)}}
    base = side("base.json", result(seed=1, steps=steps))
    current = result(seed=2, steps=steps, first_s={"submit form": 1})

    made = compare(base, side("current.json", current), Settings())

    assert made.outcome == "inconclusive"
    row = next(row for row in made.rows if row.name == "submit form p95")
    assert row.outcome == "inconclusive"
    assert row.reason == (
        f"{row.current_samples} samples in the current runs, {row.base_samples:,} in the base ones"
    )


def test_a_step_that_happens_seldom_is_not_taken_for_gone(result, side):
    sides = [
        side(str(seed), result(seed=seed, per_s=0.3, seconds=160, stages=("hold",)))
        for seed in (1, 2)
    ]

    made = compare(*sides, Settings())

    assert {row.outcome for row in made.rows if row.aggregation == "p95"} == {"not-decided"}


def test_runs_of_another_load_are_not_compared(against):
    made = against(run={"load_hash": "b8" * 32})

    assert made.outcome == "inconclusive"
    assert not made.comparable
    assert made.rows == []
    assert "the plans differ: load hash" in made.reasons[0]


def test_single_runs_come_with_a_word_of_caution(alike):
    assert any("5 or more a side" in note for note in alike.notes)


def test_several_runs_a_side_are_compared_together(result, side):
    base = side("main", *(result(seed=n) for n in (1, 2, 3)))
    current = side("branch", *(result(seed=n, slower={"dashboard": 1.3}) for n in (4, 5, 6)))

    made = compare(base, current, Settings())

    assert named(made, "regression") == {"dashboard p50", "dashboard p95"}
    assert not any("5 or more a side" in note for note in made.notes)


def test_details_inform_about_stages_and_p99_and_decide_nothing(alike):
    made = alike

    names = {row.name for row in made.details}
    assert {"submit form p99", "submit form p95 in up", "submit form p95 in hold"} <= names
    assert {row.outcome for row in made.details} == {"not-decided"}
    assert any(row.interval is not None for row in made.details)


def test_the_same_seed_gives_the_same_comparison(against, alike):
    assert against() == alike


def test_progress_counts_up_to_all_rows(result, side, base):
    seen = []
    current = side("current.json", result(seed=2, benchmarks=TABLE))

    made = compare(base, current, Settings(), lambda done, of: seen.append((done, of)))

    assert seen[-1][0] == seen[-1][1] == len(made.rows) + len(made.details)
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))


def test_a_benchmark_of_one_side_is_left_out_and_said_so(result, side, base):
    other = (("Submission", "submit form", None, "p99", "p99 < 2s"), *TABLE[1:])

    made = compare(base, side("now.json", result(seed=2, benchmarks=other)), Settings())

    assert "benchmarks that not all runs have are left out: Submission" in made.notes
    assert "Submission" not in {row.benchmark for row in made.rows}


# -- five runs and more


def runs(result, side, label, seeds, **changes):
    short = {"seconds": 30, "benchmarks": SUBMIT} | changes
    return side(label, *(result(seed=n, **short) for n in seeds))


def test_five_runs_a_side_are_decided_by_their_order(result, side):
    base = runs(result, side, "main", range(10, 15))
    current = runs(result, side, "branch", range(20, 25), slower={"submit form": 1.3})

    made = compare(base, current, Settings())

    assert made.method == "ranks"
    assert made.outcome == "regression"
    assert [row.name for row in made.rows] == ["submit form p95", "checks passed", "throughput"]
    row = made.rows[0]
    assert row.change == pytest.approx(0.3, abs=0.1)
    assert row.p == pytest.approx(1 / 252)


def test_five_alike_runs_a_side_are_no_regression(result, side):
    base = runs(result, side, "main", range(10, 15))
    current = runs(result, side, "branch", range(20, 25))

    assert compare(base, current, Settings(margin=0.15)).outcome == "no-regression"


def test_without_a_table_steps_are_ranked_by_their_p95(result, side):
    base = runs(result, side, "main", range(10, 15), benchmarks=())
    current = runs(result, side, "branch", range(20, 25), benchmarks=(), slower={"dashboard": 0.7})

    made = compare(base, current, Settings(margin=0.15))

    assert [row.name for row in made.rows] == [
        "create form p95", "submit form p95", "dashboard p95", "checks passed", "throughput",
    ]  # fmt: skip
    assert [row.improved for row in made.rows] == [False, False, True, False, False]


@pytest.mark.parametrize("table", [SUBMIT, ()])
def test_failing_fast_does_not_hide_behind_the_order_of_durations(result, side, table):
    base = runs(result, side, "main", range(10, 15), benchmarks=table)
    current = runs(
        result, side, "branch", range(20, 25), benchmarks=table, failing={"dashboard": 0.2},
        dropped=0.03,
    )  # fmt: skip

    made = compare(base, current, Settings(margin=0.15))

    assert made.outcome == "regression"
    assert named(made, "regression") == {"checks passed", "iterations dropped"}


def with_retries(result, by_second):
    """The same run, with a counter that should be low, and a row about it."""
    data = result.model_dump(mode="json", by_alias=True)
    seconds = len(data["series"]["second"])
    data["series"]["counters"].append(
        {"metric": "http_retries", "scenario": "show", "count": [by_second] * seconds}
    )
    data["benchmarks"] = [
        {"name": "Few retries", "metric": "http_retries", "where": {}, "aggregation": "rate",
         "require": "rate < 1/s", "observed": float(by_second), "unit": "per_s",
         "samples": seconds, "needed": 1, "margin": None, "status": "met", "bound_95": None,
         "interval_95": None, "reason": None,
         "series": [len(data["series"]["counters"]) - 1]},
    ]  # fmt: skip
    return type(result).model_validate(data)


@pytest.mark.parametrize("count", [1, 5])
def test_a_counter_that_never_counted_holds_nothing_up(result, side, count):
    made = compare(
        side("main", *(with_retries(result(seed=n), 0) for n in range(count))),
        side("branch", *(with_retries(result(seed=n), 0) for n in range(10, 10 + count))),
        Settings(margin=0.15),
    )

    assert made.outcome == "no-regression"
    row = next(row for row in made.rows if row.name == "Few retries")
    assert row.reason == "nothing of it in any run"


@pytest.mark.parametrize("count", [1, 5])
def test_a_counter_that_counts_where_it_never_did_is_a_regression(result, side, count):
    made = compare(
        side("main", *(with_retries(result(seed=n), 0) for n in range(count))),
        side("branch", *(with_retries(result(seed=n), 3) for n in range(10, 10 + count))),
        Settings(margin=0.15),
    )

    assert named(made, "regression") == {"Few retries"}


def test_no_more_rows_are_ranked_than_can_be_decided(result, side):
    many = tuple((f"row {n}", "submit form", None, "p95", "p95 < 2s") for n in range(14))
    base = runs(result, side, "main", range(10, 15), benchmarks=many)
    current = runs(result, side, "branch", range(20, 25), benchmarks=many)

    made = compare(base, current, Settings(margin=0.15))

    reasons = [row.reason for row in made.rows if row.outcome == "not-decided"]
    assert reasons == ["so many runs can decide 12 rows; more runs a side decide more"] * 4
    assert len(made.rows) == 14 + 2  # the load as a whole comes before what is left out


def test_ranked_rows_that_stay_open_ask_for_more_runs(result, side):
    base = runs(result, side, "main", range(10, 15))
    current = runs(result, side, "branch", range(20, 25), slower={"submit form": 1.05})

    made = compare(base, current, Settings(margin=0.05))

    assert made.outcome == "inconclusive"
    assert "more runs a side would tell" in made.reasons[0]


def test_an_outcome_does_not_depend_on_the_order_of_runs(result, side):
    base = runs(result, side, "main", range(10, 15))
    current = runs(result, side, "branch", range(20, 25), slower={"submit form": 1.3})
    turned = replace(current, runs=current.runs[::-1])

    assert compare(base, current, Settings()).rows == compare(base, turned, Settings()).rows


def test_a_run_that_is_too_short_shows_what_is_many_times_as_slow_and_clears_nothing(result, side):
    def run(seed, **changes):
        made = result(seed=seed, seconds=18, stages=("all",), steady=True, **changes)
        return side(f"{seed}.json", made)

    made = compare(run(1), run(2, slower={"submit form": 18.0}), Settings())

    assert made.outcome == "regression"
    assert named(made, "no-regression") == set()
    found = [row for row in made.rows if row.outcome == "regression"]
    steps = {row.where.get("step") for row in found}
    assert steps - {None} == {"submit form"}  # and workflows that hold it
    for row in found:
        assert row.interval is None
        assert row.at_least > 3
        assert row.p < 0.002
    one = next(row for row in found if row.name == "submit form p50")
    assert one.at_least > 9
    assert "18 times (at least 1" in one.sentence
    assert named(compare(run(1), run(3), Settings()), "regression") == set()


SELDOM = {"create form": 40.0, "submit form": 400.0, "refund": 900.0}


@pytest.mark.parametrize(("table", "outcome"), [(SUBMIT, "no-regression"), ((), "inconclusive")])
def test_a_step_too_seldom_to_be_cleared_holds_nothing_up_beside_a_table(
    result, side, table, outcome
):
    def run(seed):
        made = result(seed=seed, steps=SELDOM, benchmarks=table, seldom={"refund": 0.03})
        return side(f"{seed}.json", made)

    made = compare(run(1), run(2), Settings())

    open_ = [row for row in made.rows if row.outcome == "inconclusive"]
    assert {row.where["step"] for row in open_} == {"refund"}
    assert made.outcome == outcome
    assert {row.holds for row in open_} == {outcome == "inconclusive"}
    if outcome == "no-regression":
        assert f"{len(open_)} left open" in made.headline
        assert any("refund" in note and "not in the benchmark table" in note for note in made.notes)


def test_a_seldom_step_is_a_regression_all_the_same(result, side):
    def run(seed, **changes):
        made = result(
            seed=seed, steps=SELDOM, benchmarks=SUBMIT, seldom={"refund": 0.03}, **changes
        )
        return side(f"{seed}.json", made)

    made = compare(run(1), run(2, slower={"refund": 4.0}), Settings())

    assert made.outcome == "regression"
