"""A result's channels, ready for charts: what the result holds, and the rows over it."""

from __future__ import annotations

import pytest

from tests.helpers.channel_result import with_channels
from tests.helpers.results import benchmark
from tests.helpers.sample_result import sample_result
from wedload.report.html.channel_seconds import Mark, channels_of

SOON = benchmark(
    "Soon", metric="webhook_delivery_duration", require="p95 < 1s", where={"channel": "notices"}
)
NONE_LOST = benchmark(
    "None lost", metric="webhook_delivered", require="rate > 99.9%", aggregation="rate",
    unit="ratio",
)  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return with_channels(sample_result(scale=0.05), lost=0.05)


def test_seconds_of_a_channel_hold_what_its_table_says(result):
    for one, channel in zip(channels_of(result), result.channels, strict=True):
        assert (one.name, one.kind) == (channel.name, channel.kind)
        assert one.took.requests.sum() == channel.expected
        assert one.took.failed.sum() == channel.missed > 0
        assert sum(histogram.count for _, histogram in one.took.durations) == channel.delivered
        assert one.took.whole.count == channel.delivered


def test_only_realtime_has_a_last_subscriber(result):
    webhook, realtime = channels_of(result)

    assert webhook.to_last is None
    last = realtime.to_last
    assert last is not None
    assert last.whole.count == result.channels[1].metrics["realtime_last_subscriber"].count > 0


def test_set_up_is_no_part_of_it(result):
    document = result.model_dump(mode="json", by_alias=True)
    for one in (*document["series"]["trends"], *document["series"]["rates"]):
        one["scenario"] = "setup" if one["channel"] == "notices" else one["scenario"]
    for one in document["histograms"]:
        one["scenario"] = "setup" if one["channel"] == "notices" else one["scenario"]
    webhook, realtime = channels_of(type(result).model_validate(document))

    assert (webhook.took.requests.sum(), webhook.took.whole.count) == (0, 0)
    assert realtime.took.whole.count > 0


def test_steps_of_the_same_channel_are_added_up(result):
    document = result.model_dump(mode="json", by_alias=True)
    series = document["series"]
    for part in ("trends", "rates"):
        series[part] += [
            one | {"step": "another"} for one in series[part] if one["channel"] == "notices"
        ]
    webhook, _ = channels_of(type(result).model_validate(document))

    assert webhook.took.requests.sum() == 2 * result.channels[0].expected


def test_rows_over_a_channel_are_marks(result):
    rows = [SOON, NONE_LOST, benchmark("Other", require="p95 < 1s")]
    webhook, realtime = channels_of(with_channels(sample_result(scale=0.05, benchmarks=rows)))

    assert webhook.marks == (
        Mark("Soon", "p95 < 1s", 0.95, 1000.0), Mark("None lost", "rate > 99.9%", 0.999, None),
    )  # fmt: skip
    assert realtime.marks == ()


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({"aggregation": "max", "require": "max <= 250ms"}, (None, 250.0)),
        ({"require": "p95 < soon"}, None),
        ({"require": "p95"}, None),
        ({"where": {"channel": "another"}}, None),
        ({"metric": "webhook_arrival_duration"}, None),
        ({"aggregation": "count", "unit": "count", "require": "count > 5"}, None),
    ],
)
def test_what_a_chart_cannot_show_of_a_row_is_no_mark(change, mark):
    webhook, _ = channels_of(with_channels(sample_result(scale=0.02, benchmarks=[SOON | change])))

    assert [(one.share, one.ms) for one in webhook.marks] == ([] if mark is None else [mark])


def test_a_result_without_channels_has_none():
    assert channels_of(sample_result(scale=0.02)) == ()
