"""Reports in a real browser: they open without a network, react, fit a phone, and print."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

CHARTS = ("throughput", "vus", "percentiles", "heatmap", "curve")
HOSTILE = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
COLOUR_OF = """
const line = document.querySelector(`#chart-${arguments[0]} .scatterlayer .js-line`);
return getComputedStyle(line).stroke"""


def test_it_opens_from_a_file_and_asks_for_nothing_else(page):
    assert page.requests() == [page.file.as_uri()]
    assert page.errors() == []
    assert "Fail" in page.driver.title
    verdict = page.driver.find_element(By.ID, "verdict").text
    assert "Verdict: Fail 1 of 3 benchmarks met" in verdict


def test_the_verdict_is_seen_without_scrolling(page):
    box = page.js("return document.getElementById('verdict').getBoundingClientRect().toJSON()")
    assert 0 < box["top"] < box["bottom"] < 600


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_drawn(page, chart):
    drawn = page.js(
        "const d = document.getElementById('chart-' + arguments[0]);"
        "return [d.querySelectorAll('.js-line, .heatmaplayer image').length, d.clientHeight]",
        chart,
    )
    assert drawn[0] >= 1
    assert drawn[1] >= 200


def test_stages_are_shaded_and_named(page):
    for chart in CHARTS[:4]:
        names = page.js(
            "return [...document.querySelectorAll(`#chart-${arguments[0]} .annotation text`)]"
            ".map((one) => one.textContent)",
            chart,
        )
        assert names == ["ramp", "normal", "surge", "peak", "cool-down"]
        shapes = f"return document.querySelectorAll('#chart-{chart} .shapelayer path').length"
        assert page.js(shapes) == 5


def test_a_step_is_selected(page):
    before = page.driver.find_element(By.ID, "percentiles-summary").text
    Select(page.driver.find_element(By.ID, "step")).select_by_visible_text("submit form")
    page.until(
        "return document.getElementById('throughput-summary').textContent.includes(' failed (')",
        "the step's own figures",
    )
    assert page.driver.find_element(By.ID, "percentiles-summary").text != before
    names = page.js("return document.getElementById('chart-curve').data.map((one) => one.name)")
    assert names == ["submit form"]
    assert page.errors() == []


def test_a_name_in_the_legend_hides_its_line(page):
    entry = page.driver.find_element(By.CSS_SELECTOR, "#chart-percentiles .legendtoggle")
    ActionChains(page.driver).move_to_element(entry).click().perform()
    page.until(
        "return document.getElementById('chart-percentiles')._fullData[0].visible === 'legendonly'",
        "p95 hidden",
    )
    lines = "return document.querySelectorAll('#chart-percentiles .scatterlayer .js-line').length"
    page.until(f"{lines} === 1", "one line left")
    # and it stays hidden with another step
    Select(page.driver.find_element(By.ID, "step")).select_by_index(1)
    assert page.js(lines) == 1


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        ("throughput", r"\d\d:\d\d.*requests.*[\d,]+ requests/s.*failed.*\d failed/s"),
        ("percentiles", r"p95.*[\d.,]+ ms.*p50.*[\d.,]+ ms"),
        ("heatmap", r"\d\d:\d\d:\d\d, about [\d.,]+ ms: \d+ requests"),
    ],
)
def test_a_chart_says_its_values_under_the_mouse(page, chart, words):
    page.hover(chart, (40, 10), words)
    assert page.errors() == []


def test_what_is_zoomed_in_one_chart_is_zoomed_in_all_over_time(page):
    element = page.driver.find_element(By.CSS_SELECTOR, "#chart-vus .nsewdrag")
    page.js("arguments[0].scrollIntoView({block: 'center'})", element)
    chain = ActionChains(page.driver).move_to_element_with_offset(element, -200, 0)
    chain.click_and_hold().move_by_offset(150, 0).move_by_offset(150, 0).release().perform()
    ranges = (
        "const r = ['throughput', 'vus', 'percentiles', 'heatmap'].map((id) =>"
        " document.getElementById('chart-' + id)._fullLayout.xaxis.range.join());"
        "return r.every((one) => one === r[0] && !one.startsWith('1970-01-02,'))"
    )
    page.until(ranges, "one range for all")
    # a stage that began before what is seen has its name at the edge
    names = "return [...document.querySelectorAll('#chart-heatmap .annotation text')]"
    page.until(f"{names}.map((one) => one.textContent).join() === 'surge'", "names in view")
    ActionChains(page.driver).double_click(element).perform()
    whole = (
        "return ['throughput', 'vus', 'percentiles', 'heatmap'].every((id) => document"
        ".getElementById('chart-' + id)._fullLayout.xaxis.range.join().startsWith('1970-01-02'))"
    )
    page.until(whole, "the whole run again")
    assert page.errors() == []


@pytest.mark.parametrize("width", [360, 700, 1920])
def test_the_page_is_never_wider_than_the_screen(page, width):
    page.emulate(width=width)
    page.open()
    inner, wide = page.js(
        "return [document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert wide <= inner <= width
    sticking_out = page.js(
        "const wide = document.documentElement.clientWidth;"
        "return [...document.querySelectorAll('main *')]"
        ".filter((one) => !one.closest('.scroll, svg')"
        " && one.getBoundingClientRect().right > wide)"
        ".map((one) => one.outerHTML.slice(0, 80))"
    )
    assert sticking_out == []


def test_a_table_on_a_phone_scrolls_in_its_own_box(page):
    page.emulate(width=360)
    page.open()
    scrolled = page.js(
        "const box = document.querySelector('#steps .scroll'); box.scrollLeft = 9999;"
        "const name = box.querySelector('tbody th').getBoundingClientRect();"
        "return [box.scrollLeft, Math.round(name.left)]"
    )
    assert scrolled[0] > 50
    assert scrolled[1] >= 0, "the name of a row stays in sight"


def test_charts_follow_the_width_of_the_window(page):
    page.emulate(width=360)
    page.until(
        "const svg = document.querySelector('#chart-curve .main-svg');"
        "return svg.clientWidth > 0 && svg.clientWidth <= 360",
        "a narrower chart",
    )


def test_charts_change_with_the_theme_while_the_page_is_open(page):
    light = page.js(COLOUR_OF, "percentiles")
    page.emulate(scheme="dark")
    page.until(
        "return getComputedStyle(document.body).backgroundColor === 'rgb(18, 22, 28)'", "dark page"
    )
    page.until(
        COLOUR_OF.replace("arguments[0]", "'percentiles'").replace(
            "return getComputedStyle(line).stroke",
            f"return getComputedStyle(line).stroke !== '{light}'",
        ),
        "dark chart",
    )
    assert page.js(COLOUR_OF, "percentiles") == "rgb(242, 161, 84)"  # --c-p95 of the dark palette


def test_a_finger_scrolls_the_page_and_zooms_no_chart(page):
    page.do("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=1)
    page.do("Emulation.setEmitTouchEventsForMouse", enabled=True, configuration="mobile")
    page.emulate(width=360, touch=True)
    try:
        page.open()
        mode = page.js("return document.getElementById('chart-vus')._fullLayout.dragmode")
        assert mode is False
    finally:
        page.do("Emulation.setEmitTouchEventsForMouse", enabled=False)
        page.do("Emulation.setTouchEmulationEnabled", enabled=False)


def test_focus_is_seen_and_reaches_selector_and_tables(page):
    reached = []
    body = page.driver.find_element(By.TAG_NAME, "body")
    for _ in range(12):
        body = page.driver.switch_to.active_element
        body.send_keys("\ue004")  # Tab
        reached.append(
            page.js(
                "const one = document.activeElement, style = getComputedStyle(one);"
                "return [one.id || one.className || one.tagName, style.outlineStyle]"
            )
        )
    names = [name for name, _ in reached]
    assert names[0] == "skip"
    assert "step" in names
    assert names.count("scroll") >= 4
    assert all(style != "none" for name, style in reached if name in {"step", "scroll", "skip"})


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def ink_of(pdf: bytes) -> int:
    """Bytes of what is drawn, of all content streams."""
    drawn = 0
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            drawn += len(zlib.decompress(stream))
        except zlib.error:
            continue  # a picture or a font
    return drawn


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_prints_on_few_pages_and_light(page, scheme):
    page.emulate(scheme=scheme)
    printed = page.do(
        "Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69,
        preferCSSPageSize=True,
    )  # fmt: skip
    pdf = base64.b64decode(printed["data"])
    assert 3 <= pages_of(pdf) <= 8
    assert ink_of(pdf) > 50_000
    # after printing, the page is as before
    assert page.js("return document.documentElement.classList.contains('printing')") is False
    assert page.errors() == []


def test_for_printing_charts_fit_the_paper_and_are_light(page):
    page.emulate(scheme="dark")
    page.js("dispatchEvent(new Event('beforeprint'))")
    widths = page.js(
        "return [...document.querySelectorAll('.chart .main-svg')].map((s) => s.clientWidth)"
    )
    assert set(widths) == {690}
    assert page.js(COLOUR_OF, "percentiles") == "rgb(180, 83, 10)"  # --c-p95 of the light palette
    page.js("dispatchEvent(new Event('afterprint'))")
    assert page.js(COLOUR_OF, "percentiles") == "rgb(242, 161, 84)"


def test_hostile_names_are_shown_and_run_nothing(opened, made):
    page = opened(made(scale=0.05, steps=(HOSTILE, "dashboard"), plan=HOSTILE, reasons=[HOSTILE]))
    assert page.js("return window.broken") is None
    assert page.errors() == []
    assert page.requests() == [page.file.as_uri()]
    legend = page.js(
        "return [...document.querySelectorAll('#chart-curve .legendtext')]"
        ".map((one) => one.textContent)"
    )
    assert HOSTILE in legend


@pytest.mark.parametrize(
    "changes",
    [{"samples": False}, {"scale": 0.01, "load": 0.01}, {"scale": 0.05, "complete": False}],
    ids=["no sample", "a handful of samples", "cut off"],
)
def test_any_run_has_a_page_without_errors(opened, made, changes):
    page = opened(made(**changes))
    assert page.errors() == []
    banner = page.driver.find_elements(By.ID, "incomplete")
    assert len(banner) == ("complete" in changes)


def test_two_runs_are_drawn_in_one_chart(opened, comparison_file):
    page = opened(comparison_file)
    assert page.errors() == []
    lines = "return document.querySelectorAll('#chart-percentiles .scatterlayer .js-line').length"
    assert page.js(lines) == 4
    Select(page.driver.find_element(By.ID, "step")).select_by_visible_text("dashboard")
    names = page.js("return document.getElementById('chart-curve').data.map((one) => one.name)")
    assert names == ["dashboard, base", "dashboard, current"]
