"""Channels in a real browser: their charts are drawn, follow the others, and can be reached."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.helpers.channel_result import with_channels
from tests.helpers.results import benchmark
from tests.helpers.sample_result import sample_result
from wedload.report.html.markup import Html
from wedload.report.html.page import comparison_page, report_page

CHARTS = ("propagation-0", "arrivals-0", "propagation-1", "arrivals-1")
ROWS = [benchmark("Soon", metric="realtime_propagation", require="p95 < 100ms")]


@pytest.fixture(scope="module")
def channels_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("channels") / "report.html"
    result = with_channels(sample_result(scale=0.3, benchmarks=ROWS), lost=0.01)
    file.write_text(report_page(result))
    return file


@pytest.fixture
def page(opened, channels_file):
    return opened(channels_file)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_of_channels_is_drawn(page, chart):
    lines, height = page.js(
        "const d = document.getElementById('chart-' + arguments[0]);"
        "return [d.querySelectorAll('.scatterlayer .js-line').length, d.clientHeight]",
        chart,
    )
    assert lines >= (3 if chart.startswith("propagation") else 1)
    assert height >= 200
    assert page.errors() == []
    assert page.requests() == [page.file.as_uri()]


def test_stages_are_shaded_in_propagation(page):
    names = page.js(
        "return [...document.querySelectorAll('#chart-propagation-1 .annotation text')]"
        ".map((one) => one.textContent)"
    )
    assert names == ["ramp", "normal", "surge", "peak", "cool-down"]


def test_a_row_is_marked_where_it_demands_something(page):
    names = page.js(
        "return [...document.querySelectorAll('#chart-arrivals-1 .legendtext')]"
        ".map((one) => one.textContent)"
    )
    assert names == ["there", "Soon: p95 < 100ms"]


def test_charts_of_channels_stay_when_a_step_is_selected(page):
    words = page.driver.find_element(By.ID, "propagation-0-summary").text
    Select(page.driver.find_element(By.ID, "step")).select_by_visible_text("submit form")

    assert page.driver.find_element(By.ID, "propagation-0-summary").text == words
    assert page.errors() == []


def test_what_is_zoomed_in_another_chart_is_zoomed_in_propagation(page):
    element = page.driver.find_element(By.CSS_SELECTOR, "#chart-vus .nsewdrag")
    page.js("arguments[0].scrollIntoView({block: 'center'})", element)
    chain = ActionChains(page.driver).move_to_element_with_offset(element, -200, 0)
    chain.click_and_hold().move_by_offset(150, 0).move_by_offset(150, 0).release().perform()
    page.until(
        "const r = ['vus', 'propagation-0', 'propagation-1'].map((id) =>"
        " document.getElementById('chart-' + id)._fullLayout.xaxis.range.join());"
        "return r.every((one) => one === r[0] && !one.startsWith('1970-01-02,'))",
        "one range for all",
    )
    assert page.errors() == []


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        ("propagation-1", r"p95.*[\d.,]+ ms.*p50.*[\d.,]+ ms"),
        ("arrivals-1", r"[\d.]+ % within [\d.,]+ ms|Soon: p95 < 100ms"),
    ],
)
def test_a_chart_says_its_values_under_the_mouse(page, chart, words):
    at = (40, -60)
    if chart.startswith("arrivals"):
        found = page.js(
            "const d = document.getElementById('chart-' + arguments[0]), t = d.calcdata[0];"
            "const p = t[Math.floor(t.length / 2)], { xaxis, yaxis } = d._fullLayout;"
            "return [xaxis.c2p(p.x) - xaxis._length / 2, yaxis.c2p(p.y) - yaxis._length / 2]",
            chart,
        )
        at = tuple(map(round, found))
    page.hover(chart, at, words)
    assert page.errors() == []


@pytest.mark.parametrize("width", [360, 1920])
def test_a_page_with_channels_is_never_wider_than_the_screen(page, width):
    page.emulate(width=width)
    page.open()
    sticking_out = page.js(
        "const wide = document.documentElement.clientWidth;"
        "return [...document.querySelectorAll('#channels *')]"
        ".filter((one) => !one.closest('.scroll, svg')"
        " && one.getBoundingClientRect().right > wide)"
        ".map((one) => one.outerHTML.slice(0, 80))"
    )
    assert sticking_out == []


def test_tables_of_channels_are_reached_by_the_keyboard_and_charts_are_described(page):
    boxes = page.js(
        "return [...document.querySelectorAll('#channels .scroll')]"
        ".map((one) => { one.focus(); return [document.activeElement === one,"
        " getComputedStyle(one).outlineStyle, one.getAttribute('aria-label') !== null]; })"
    )
    assert len(boxes) == 2  # of all channels, and of retries
    assert all(focused and label for focused, _, label in boxes)
    described = page.js(
        "return [...document.querySelectorAll('#channels .chart')].map((one) =>"
        " [one.getAttribute('role'), document.getElementById("
        "one.getAttribute('aria-describedby')).textContent])"
    )
    assert [role for role, _ in described] == ["img"] * 4
    assert all(re.search(r"\d", words) for _, words in described)


def test_two_runs_with_channels_are_drawn_in_one_chart(opened, tmp_path):
    file = tmp_path / "comparison.html"
    base = with_channels(sample_result(scale=0.1), per_s=60)
    current = with_channels(sample_result(scale=0.1), per_s=60, slower=1.5, seed=2)
    file.write_text(
        comparison_page(
            base, current, outcome="fail", word="Regression", headline="slower", reasons=[],
            table=Html(""),
        )
    )  # fmt: skip
    page = opened(file)

    names = page.js(
        "return document.getElementById('chart-propagation-1').data.map((one) => one.name)"
    )
    assert names[:3] == ["p95, base", "p50, base", "last subscriber, p95, base"]
    assert (
        page.js(
            "return document.querySelectorAll('#chart-arrivals-0 .scatterlayer .js-line').length"
        )
        == 2
    )
    assert page.errors() == []
