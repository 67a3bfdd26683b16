"""The channels of a result: what was expected and came of it, and what the ears report."""

from __future__ import annotations

import orjson
import pytest

from tests.helpers.heard_run import REPORTS, heard_run
from tests.helpers.small_result import document as small_document
from wedload.results.channels import channel_counts
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.results.recording import Recording
from wedload.results.recover import recover


@pytest.fixture
def heard(make):
    return heard_run(make())


@pytest.fixture
def document(heard):
    return orjson.loads(orjson.dumps(document_of(heard.run)))


def test_what_is_missed_is_late_or_lost(heard):
    counts = channel_counts(heard.run.summary, "notices", "webhook")

    assert (counts.expected, counts.delivered) == (306, 300)
    assert (counts.missed, counts.late, counts.lost) == (6, 3, 3)
    assert (counts.attempts, counts.duplicates, counts.unexpected) == (309, 6, 0)
    assert counts.rejected == {"too-large": 9, "bad-signature": 3}


def test_a_message_counts_for_each_subscriber(heard):
    counts = channel_counts(heard.run.summary, "guests", "realtime")

    assert (counts.expected, counts.delivered, counts.lost) == (1200, 1200, 0)
    assert (counts.out_of_order, counts.drops, counts.quota_errors) == (
        3, {"reset": 3}, {"429": 6},
    )  # fmt: skip


def test_channels_of_a_result_are_in_the_order_of_the_plan_with_what_their_ears_say(document):
    webhook, realtime = document["channels"]

    assert (webhook["name"], webhook["kind"], webhook["lost"]) == ("notices", "webhook", 3)
    assert document["run"]["channels"] == {"notices": "webhook", "guests": "realtime"}
    assert webhook["ear"]["url"] == "http://127.0.0.1:4100/hooks"
    assert [one["med_ms"] for one in webhook["ear"]["retries"]] == [500.0, 2100.0]
    assert (realtime["ear"]["protocol"], realtime["ear"]["subscribers"]) == ("supabase", 4)


def test_figures_of_a_channel_are_of_its_samples_alone(document):
    webhook, realtime = document["channels"]

    assert webhook["metrics"]["webhook_delivered"]["rate"] == pytest.approx(300 / 306, abs=1e-6)
    assert webhook["metrics"]["webhook_delivery_duration"]["count"] == 303
    assert realtime["metrics"]["realtime_last_subscriber"]["count"] == 300
    assert not any(name.startswith("realtime") for name in webhook["metrics"])
    assert "http_reqs" not in webhook["metrics"]


def test_seconds_and_histograms_say_which_channel_they_are_of(document):
    trends = {one["metric"]: one for one in document["series"]["trends"]}
    rates = {one["metric"]: one for one in document["series"]["rates"] if one["channel"]}

    assert trends["webhook_delivery_duration"]["channel"] == "notices"
    assert trends["realtime_last_subscriber"]["channel"] == "guests"
    assert (rates["webhook_delivered"]["yes"], rates["webhook_delivered"]["total"]) == (
        [100] * 3, [102] * 3,
    )  # fmt: skip
    kept = {one["metric"]: one["channel"] for one in document["histograms"]}
    assert kept["realtime_propagation"] == "guests"


def test_a_result_with_channels_is_read_as_it_was_written(document):
    read = Result.model_validate(document)

    assert orjson.loads(read.model_dump_json(by_alias=True))["channels"] == document["channels"]


def test_a_report_that_says_more_or_less_than_is_known_costs_no_result(make):
    reports = {"notices": {"kind": "webhook", "novelty": 1}, "guests": REPORTS["guests"]}
    run = heard_run(make(), reports=reports).run

    webhook, _ = document_of(run)["channels"]

    assert (webhook["ear"]["attempts"], webhook["ear"]["url"]) == (0, None)
    assert "novelty" not in webhook["ear"]


def test_what_was_lost_with_its_process_is_null_and_the_figures_stay(make):
    run = heard_run(make(), reports=None).run

    assert [one["ear"] for one in document_of(run)["channels"]] == [None, None]
    assert [one["expected"] for one in document_of(run)["channels"]] == [306, 1200]


def test_a_result_of_a_version_without_channels_is_one_without_channels():
    document = small_document()
    assert "channels" not in document

    assert Result.model_validate(document).channels == []


def test_the_process_that_listens_is_called_so_and_is_no_part_of_the_load(document):
    generator = document["validity"]["generator"]

    assert [(one["worker"], one["role"]) for one in generator["processes"]] == [
        (0, "load"), (1, "channels"),
    ]  # fmt: skip
    assert generator["cpu_max_ratio"] == 0.34


def test_channels_of_a_run_that_was_cut_off_are_in_what_is_made_of_its_recording(make, tmp_path):
    rows = {
        "Soon": "webhook_delivery_duration{channel=notices}: p95 < 1s",
        "Later": {"require": "webhook_delivered: rate > 90%", "after": "1s"},
    }
    path = tmp_path / "r.json.partial"
    heard_run(make(), rows=rows, record=Recording(path, pytest.fail))

    document = document_of(recover(path))

    assert [(one["name"], one["expected"], one["ear"]) for one in document["channels"]] == [
        ("notices", 306, None), ("guests", 1200, None),
    ]  # fmt: skip
    assert [row["samples"] for row in document["benchmarks"]] == [303, 204]
    processes = document["validity"]["generator"]["processes"]
    assert [one["role"] for one in processes] == ["load", "channels"]
