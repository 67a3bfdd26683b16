"""Channels in what else a result is written as: `report/markdown.py`, CSV and JUnit's XML."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree as ET

import pytest

from tests.helpers.channel_result import with_channels
from tests.helpers.sample_result import sample_result
from tests.helpers.small_result import small_result
from wedload.report.junit import junit
from wedload.report.markdown import markdown
from wedload.report.table_csv import table_csv


@pytest.fixture(scope="module")
def result():
    return with_channels(sample_result(scale=0.1), lost=0.01)


def rows_of(result):
    return list(csv.DictReader(io.StringIO(table_csv(result), newline=""), strict=True))


def test_markdown_has_a_table_of_channels_and_what_else_they_heard(result):
    text = markdown(result)
    webhook = result.channels[0]

    assert (
        "| Channel | Expected | Delivered | Missed | Late | Lost | p50 | p95 | p99 | max |" in text
    )
    assert f"| notices | {webhook.expected:,} | " in text
    assert f" % | {webhook.missed} | {webhook.late} | {webhook.lost} | " in text
    assert "- notices: 1 unexpected, 3 duplicates, 9 retries, 2 out of order, 5 rejected" in text
    assert "- notices: 2nd attempt 500 ms (p50) after a 503, 3rd 2.10 s after a 503" in text


def test_a_name_of_a_channel_breaks_no_table():
    text = markdown(with_channels(sample_result(scale=0.02), {"a|b <i>": "webhook"}))

    assert "| a&#124;b &#60;i&#62; |" in text


def test_spreadsheets_have_a_row_for_each_channel(result):
    rows = [row for row in rows_of(result) if row["level"] == "channel"]

    assert [row["channel"] for row in rows] == ["notices", "guests"]
    webhook, realtime = result.channels
    assert rows[0]["webhook_delivered yes"] == str(webhook.delivered)
    assert rows[0]["webhook_delivered of"] == str(webhook.expected)
    took = realtime.metrics["realtime_propagation"]
    assert float(rows[1]["realtime_propagation p95 (ms)"]) == pytest.approx(took.p95, abs=1e-4)
    assert rows[0]["realtime_propagation p95 (ms)"] == ""


def test_rows_of_other_levels_name_no_channel(result):
    assert {row["channel"] for row in rows_of(result) if row["level"] != "channel"} == {""}


def test_test_reports_of_ci_say_what_was_delivered(result):
    told = ET.fromstring(junit(result)).find("testsuite/system-out")
    assert told is not None

    one = result.channels[0]
    words = f"notices: {one.delivered:,} of {one.expected:,} delivered in time, 0 late, {one.lost}"
    assert words in (told.text or "")


def test_without_channels_nothing_is_said_of_them():
    result = small_result()

    assert "Channel" not in markdown(result)
    assert "delivered" not in junit(result)
    assert "channel" not in {row["level"] for row in rows_of(result)}
