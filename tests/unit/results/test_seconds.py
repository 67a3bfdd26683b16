from __future__ import annotations

import numpy as np
import pytest

from wedload.metrics import codec
from wedload.results.model import Stage
from wedload.results.seconds import RunSeconds, SeriesPick, trends_by_second


def test_a_trend_by_second_holds_every_sample_in_its_second(result):
    made = result(seed=1, seconds=40)

    (trend,) = trends_by_second([RunSeconds(made).trend(SeriesPick((1,)))])

    counts = [
        0 if text is None else codec.decode(text).count for text in made.series.trends[1].histograms
    ]
    assert trend.counts.sum(axis=1).tolist() == counts
    assert (trend.lows_ns[1:] > trend.highs_ns[:-1]).all()


def test_buckets_are_those_of_two_digits_and_hold_the_values(result):
    made = result(seed=1, seconds=40, stages=("all",))
    whole = codec.decode(next(h.encoded for h in made.histograms if h.step == "submit form"))

    (trend,) = trends_by_second([RunSeconds(made).trend(SeriesPick((1,)))])

    at = np.searchsorted(np.cumsum(trend.counts.sum(axis=0)), 0.5 * trend.counts.sum())
    assert trend.lows_ns[at] <= whole.quantile_ns(0.5) <= trend.highs_ns[at]
    assert ((trend.highs_ns - trend.lows_ns) / trend.lows_ns < 0.008).all()


def test_two_runs_have_one_axis_of_buckets(result):
    picked = [RunSeconds(result(seed=n, seconds=30)).trend(SeriesPick((0,))) for n in (1, 2)]

    one, two = trends_by_second(picked)

    assert one.lows_ns.tolist() == two.lows_ns.tolist()
    assert one.counts.shape == two.counts.shape


def test_series_of_a_row_are_added_up_second_by_second(result):
    seconds = RunSeconds(result(seed=1, seconds=30))

    parts = [trends_by_second([seconds.trend(SeriesPick((n,)))])[0] for n in (0, 1)]
    (both,) = trends_by_second([seconds.trend(SeriesPick((0, 1)))])

    assert both.counts.sum(axis=1).tolist() == sum(p.counts.sum(axis=1) for p in parts).tolist()


def test_a_stage_is_its_seconds_only(result):
    made = result(seed=1, seconds=40, stages=("up", "hold"))

    share = RunSeconds(made).share(SeriesPick((0,), "hold"), of_no=False)

    assert share.total.tolist() == made.series.rates[0].total[20:]
    assert set(share.stages.tolist()) == {1}


def test_seconds_are_numbered_by_the_stage_in_force(result):
    made = result(seed=1, seconds=40, stages=("up", "hold", "up again", "down"))

    counts = RunSeconds(made).count(SeriesPick((0,)))

    assert counts.stages.tolist() == [0] * 10 + [1] * 10 + [2] * 10 + [3] * 10


def test_what_drains_after_the_schedule_belongs_to_the_last_stage(result):
    made = result(seed=1, seconds=40)
    stages = [
        stage.model_copy(update={"begin_s": begin, "end_s": end})
        for stage, begin, end in zip(made.stages, (0.0, 18.0), (18.0, 36.0), strict=True)
    ]

    seconds = RunSeconds(made.model_copy(update={"stages": stages}))

    assert seconds.count(SeriesPick((0,))).stages.tolist() == [0] * 18 + [1] * 22
    assert len(seconds.count(SeriesPick((0,), "hold")).counts) == 22


def test_a_row_that_is_judged_late_begins_late(result):
    seconds = RunSeconds(result(seed=1, seconds=40))

    assert len(seconds.count(SeriesPick((0,), None, 30.0)).counts) == 10


def test_failing_is_counted_where_a_yes_is_good(result):
    made = result(seed=1, seconds=40, failing={"create form": 0.3})
    checks = next(n for n, one in enumerate(made.series.rates) if one.metric == "checks")

    share = RunSeconds(made).share(SeriesPick((checks,)), of_no=True)

    rates = made.series.rates[checks]
    assert share.yes.sum() == sum(rates.total) - sum(rates.yes) > 0


def test_a_histogram_that_is_none_is_refused(result):
    made = result(seed=1, seconds=3)
    trend = made.series.trends[0].model_copy(update={"histograms": ["nonsense"] * 3})
    series = made.series.model_copy(update={"trends": [trend]})

    with pytest.raises(ValueError, match="HdrHistogram"):
        RunSeconds(made.model_copy(update={"series": series})).trend(SeriesPick((0,)))


def test_a_run_without_a_series_has_no_samples(result):
    seconds = RunSeconds(result(seed=1, seconds=30))

    (trend,) = trends_by_second([seconds.trend(SeriesPick(()))])

    assert trend.counts.shape == (30, 0)


def stage(name, begin_s, end_s, start, target):
    return Stage(
        scenario="main", stage=name, begin_s=begin_s, end_s=end_s, start_vus=start,
        target_vus=target, target_rate=None, metrics={},
    )  # fmt: skip


def test_a_ramp_is_another_load_every_quarter_of_a_minute_and_a_steady_stage_one(result):
    made = result(seed=1, seconds=90)
    scenario = made.series.trends[1].scenario
    stages = [
        stage("up", 0, 40, 0, 100), stage("hold", 40, 80, 100, 100), stage("down", 80, 90, 100, 0),
    ]  # fmt: skip
    stages = [one.model_copy(update={"scenario": scenario}) for one in stages]
    made = made.model_copy(update={"stages": stages})

    found = RunSeconds(made).share(SeriesPick((0,)), of_no=False).stages

    begins = np.flatnonzero(np.diff(found, prepend=-1)).tolist()
    assert begins == [0, 13, 27, 40, 80]


def test_a_rate_has_the_seconds_in_which_its_scenario_has_load(result):
    data = result(seed=1, seconds=30, stages=("up", "hold")).model_dump(mode="json", by_alias=True)
    for stage in data["stages"]:
        stage["begin_s"] = stage["begin_s"] * 0.6 + 6
        stage["end_s"] = stage["end_s"] * 0.6 + 6
    one = type(result(seed=1, seconds=1)).model_validate(data)

    seconds = RunSeconds(one)

    assert seconds.count(SeriesPick((0,))).counts.size == 30
    counts = seconds.count(SeriesPick((0,)), drained=False).counts
    assert counts.tolist() == one.series.counters[0].count[6:24]
