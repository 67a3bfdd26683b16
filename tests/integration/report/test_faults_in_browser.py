"""Faults and third parties in a real browser: shaded, named, drawn, and within a phone's width."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By

from tests.helpers.broken_result import fault, lasting, unsure, with_faults
from tests.helpers.sample_result import sample_result
from wedload.report.html.page import report_page

OVER_TIME = (
    "throughput", "vus", "percentiles", "heatmap", "goodput", "dependency-0", "dependency-1",
)  # fmt: skip
FAULTS = [
    fault(begin_s=40.0, end_s=77.0), lasting(begin_s=70.0, end_s=110.0), unsure(),
]  # fmt: skip


@pytest.fixture(scope="module")
def faults_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("faults") / "report.html"
    file.write_text(report_page(with_faults(sample_result(scale=0.3), FAULTS)))
    return file


@pytest.fixture
def page(opened, faults_file):
    return opened(faults_file)


@pytest.mark.parametrize("chart", OVER_TIME)
def test_every_chart_over_time_shades_and_names_the_faults(page, chart):
    names, red = page.js(
        "const d = document.getElementById('chart-' + arguments[0]);"
        "const fault = getComputedStyle(document.documentElement)"
        ".getPropertyValue('--band-fault').trim();"
        "return [[...d.querySelectorAll('.annotation text')].map((one) => one.textContent),"
        " d._fullLayout.shapes.filter((one) => one.fillcolor === fault).length]",
        chart,
    )
    assert names[-3:] == ["calendar outage", "mail slow", "late"]
    assert red == 3
    assert page.errors() == []
    assert page.requests() == [page.file.as_uri()]


def test_names_of_faults_stand_within_the_chart_below_each_other(page):
    tops = page.js(
        "return [...document.querySelectorAll('#chart-goodput .annotation text')]"
        ".map((one) => one.getBoundingClientRect().top)"
    )
    *stages, first, second, third = tops
    assert max(stages) < first < second
    assert third == first


@pytest.mark.parametrize(
    ("chart", "lines"), [("goodput", 5), ("dependency-0", 3), ("dependency-1", 3)]
)
def test_charts_of_goodput_and_third_parties_are_drawn(page, chart, lines):
    drawn, height = page.js(
        "const d = document.getElementById('chart-' + arguments[0]);"
        "return [d.querySelectorAll('.scatterlayer .js-line').length, d.clientHeight]",
        chart,
    )
    assert drawn == lines
    assert height >= 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_page_is_no_wider_than_it(page, scheme):
    page.emulate(width=400, scheme=scheme, touch=True)
    page.open()

    assert page.js("return document.documentElement.scrollWidth") <= 400
    names = page.js(
        "return [...document.querySelectorAll('#chart-goodput .annotation text')]"
        ".map((one) => one.textContent)"
    )
    assert any(name.startswith("cal") for name in names)
    assert page.errors() == []


def test_per_second_figures_stand_below_their_shares(page):
    cell = page.driver.find_element(By.XPATH, "//section[@id='faults']//td[contains(., '97.3')]")
    share, per_s = cell.find_elements(By.XPATH, "./*")
    assert per_s.location["y"] > share.location["y"]
