"""Faults of a report: both tables, and what is to be said of them."""

from __future__ import annotations

import re

import pytest

from tests.helpers.broken_result import fault, lasting, unsure, with_faults
from tests.helpers.sample_result import sample_result
from wedload.report.html.faults import faults
from wedload.report.html.markup import Html
from wedload.report.html.page import comparison_page, report_page

HOSTILE = "</script><script>alert(1)</script>"


def rows(html):
    """Texts of all cells, row by row."""
    found = re.findall(r"<tr>(.*?)</tr>", str(html))
    return [
        [re.sub(r"<[^>]+>", "", re.sub(r"</span><small>", "|", cell)) for cell in cells]
        for row in found
        if (cells := re.findall(r"<(?:td|th)[^>]*>(.*?)</(?:td|th)>", row))
    ]


@pytest.fixture(scope="module")
def broken():
    return with_faults(sample_result(scale=0.3), [fault(), lasting(), unsure()])


def test_goodput_is_told_before_during_and_after(broken):
    assert rows(faults(broken))[:4] == [
        ["fault", "on", "when", "goodput before", "goodput during", "goodput after",
         "recovered after"],
        ["calendar outage|down", "calendar", "01:00–01:37", "42.1/s", "97.3 %|40.9/s",
         "99.8 %|42.0/s", "4.20 s"],
        ["mail slow|latency 5s", "mail, db", "01:50–02:10", "42.1/s", "47.5 %|20.0/s",
         "71.3 %|30.0/s", "✗ never"],
        ["late|reset", "mail", "02:30–02:42", "–", "–", "–", "–"],
    ]  # fmt: skip


def test_workflows_and_retries_are_told_before_during_and_after(broken):
    assert rows(faults(broken))[5:] == [
        ["calendar outage", "1.20 s", "2.31 s", "1.22 s", "×1", "×2.31", "×1.02"],
        ["mail slow", "1.20 s", "2.31 s", "1.22 s", "–", "–", "–"],
        ["late", "–", "–", "–", "–", "–", "–"],
    ]


def test_that_it_did_not_recover_is_a_sentence(broken):
    text = str(faults(broken))

    assert text.count("<li>") == 2
    assert "mail slow: metastable: the platform did not recover by itself" in text


def test_the_page_has_them_with_their_charts_before_the_steps(broken):
    page = report_page(broken)

    places = [page.index(f'id="{one}"') for one in ("charts", "faults", "third-parties", "steps")]
    assert places == sorted(places)
    assert 'id="chart-goodput"' in page
    assert 'id="chart-dependency-1"' in page


def test_a_result_without_them_has_no_such_part():
    page = report_page(sample_result(scale=0.1))

    assert 'id="faults"' not in page
    assert 'id="third-parties"' not in page


def test_names_are_text_whatever_they_are():
    page = report_page(with_faults(sample_result(scale=0.1), [fault(HOSTILE)], {HOSTILE: "http"}))

    assert HOSTILE not in page


def test_two_runs_stand_beside_each_other(broken):
    page = comparison_page(
        sample_result(scale=0.1), broken, outcome="pass", word="No regression", headline="",
        reasons=[], table=Html(""),
    )  # fmt: skip

    assert "Faults of current" in page
    assert "Faults of base" not in page
    assert 'id="chart-goodput"' in page
