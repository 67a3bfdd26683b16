"""A real Chromium without a network, and pages for it: as files, opened as users open them."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from tests.helpers.sample_result import sample_result
from wedload.report.html.markup import Html
from wedload.report.html.page import comparison_page, report_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WITHIN_S = 30
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--window-size=1280,900",
    # whatever asks for a host is answered by nobody
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """The browser, started once."""
    programs = [shutil.which("chromium"), shutil.which("chromedriver")]
    if None in programs:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and CI must open reports; .ci/run installs it")
        pytest.skip("chromium and chromium-driver are not installed")
    options = ChromeOptions()
    options.binary_location = str(programs[0])
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(str(programs[1])))
    driver.set_page_load_timeout(WITHIN_S)
    yield driver
    driver.quit()


@dataclass
class Page:
    """A report that is open in the browser."""

    driver: Chrome
    file: Path

    def do(self, method: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(method, parameters)

    def js(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def until(self, script: str, what: str) -> Any:
        """What a script returns as soon as that is something."""
        deadline = time.monotonic() + WITHIN_S
        while not (found := self.js(script)):
            if time.monotonic() > deadline:
                pytest.fail(f"never: {what}")
            time.sleep(0.02)
        return found

    def hover(self, chart: str, at: tuple[int, int], words: str) -> None:
        """Have the mouse on a chart, px from its middle, until that says what fits `words`.

        Labels of what it passed on its way may stand for a while, and a chart that is busy may
        overlook that it came: so it is moved a little now and then.
        """
        element = self.driver.find_element(By.CSS_SELECTOR, f"#chart-{chart} .nsewdrag")
        self.js("arguments[0].scrollIntoView({block: 'center'})", element)
        script = f"return document.querySelector('#chart-{chart} .hoverlayer').textContent"
        deadline = time.monotonic() + WITHIN_S
        for turn in itertools.cycle((0, 1)):
            x, y = at[0] + turn, at[1]
            ActionChains(self.driver).move_to_element_with_offset(element, x, y).perform()
            for _ in range(20):
                if re.search(words, shown := self.js(script)):
                    return
                time.sleep(0.02)
            if time.monotonic() > deadline:
                pytest.fail(f"never: {words}; last it said {shown!r}")

    def open(self) -> None:
        """Load it anew, and wait until its charts are drawn."""
        self.driver.get(self.file.as_uri())
        self.until("return document.documentElement.classList.contains('drawn')", "drawn")

    def errors(self) -> list[str]:
        """What the console has complained of since it was asked last."""
        return [one["message"] for one in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses asked for since it was asked last, but for what a page has within itself."""
        messages = [
            json.loads(one["message"])["message"] for one in self.driver.get_log("performance")
        ]
        return [
            one["params"]["request"]["url"]
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
            and not one["params"]["request"]["url"].startswith("data:")
        ]

    def emulate(self, *, width: int = 1280, scheme: str = "light", touch: bool = False) -> None:
        """Another screen: its width, its theme, fingers instead of a mouse."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=touch,
        )  # fmt: skip
        self.do(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )


@pytest.fixture(scope="session")
def report_file(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("reports") / "report.html"
    file.write_text(report_page(sample_result(scale=0.3)))
    return file


@pytest.fixture
def opened(chromium) -> Callable[[Path], Page]:
    """Opens a file; the console and the list of requests begin empty."""

    def open_file(file: Path) -> Page:
        page = Page(chromium, file)
        page.emulate()
        page.errors()
        page.requests()
        page.open()
        return page

    return open_file


@pytest.fixture
def page(opened, report_file) -> Page:
    return opened(report_file)


@pytest.fixture
def made(tmp_path) -> Callable[..., Path]:
    """A page of another result, as a file."""

    def make(**changes: Any) -> Path:
        file = tmp_path / "made.html"
        file.write_text(report_page(sample_result(**changes)))
        return file

    return make


@pytest.fixture
def comparison_file(tmp_path) -> Path:
    file = tmp_path / "comparison.html"
    file.write_text(
        comparison_page(
            sample_result(scale=0.1), sample_result(scale=0.1, slower=1.3), outcome="fail",
            word="Regression", headline="submit form p95 +30 %", reasons=[], table=Html(""),
        )
    )  # fmt: skip
    return file
