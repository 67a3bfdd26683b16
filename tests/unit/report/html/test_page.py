"""The page as a whole: order, escaping, a policy that allows nothing, states a run may end in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from tests.helpers.sample_result import sample_result
from wedload.errors import WedloadError
from wedload.report.html import plotly_script
from wedload.report.html.markup import Column, table
from wedload.report.html.page import comparison_page, report_page

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&<!--"
MOST_BYTES = 6_000_000


class Parsed(HTMLParser):
    """What a browser sees of a page: elements, texts and scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._in = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in == "script":
            self.scripts[-1] += data
        elif self._in != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def page():
    return report_page(sample_result(scale=0.2))


@pytest.fixture(scope="module")
def parsed(page):
    return Parsed(page)


def test_the_verdict_comes_first_and_its_reason_next(parsed):
    text = parsed.text
    places = [text.index(words) for words in (
        "peak-season → sandbox", "Verdict: Fail 1 of 3 benchmarks met", "was missed: p95",
        "Benchmarks", "Can the numbers be trusted?", "Charts", "Throughput and failures",
        "Virtual users", "Percentiles over time", "Durations over time", "Percentile curve",
        "Steps", "Stages", "Checks", "Failures", "Clean-up", "What was asked of whom",
    )]  # fmt: skip
    assert places == sorted(places)


def test_a_benchmark_row_says_all_of_itself(parsed):
    for words in (
        "✗ Submitting is quick http_req_duration of step = submit form p95 < 250ms 412 ms 396 ms –",
        "– 432 ms", "−64.9 % ✗ missed",
        "http_req_failed · from 01:00 on · a miss ends the run rate < 1%",
        "worst 30 s, ended at 05:30 1,204 samples are too few for p99.9, which needs 2,995.",
        "1,204 of 2,995", "○ too few samples",
    ):  # fmt: skip
        assert words in parsed.text


def test_what_was_asked_is_there(parsed):
    for words in ("3f" * 32, "a7" * 32, "http://127.0.0.1:8080", "20270619", "build=1234",
                  "compiled yes", "load processes 2", "time scale 1"):  # fmt: skip
        assert words in parsed.text


def test_figures_of_the_tables_are_those_of_the_result(parsed):
    result = sample_result(scale=0.2)
    step = result.steps[2]
    assert f"{step.step} {step.metrics['http_reqs'].count:,}" in parsed.text
    assert "9,118 of 9,120 deleted, 2 left behind : 2 × status 500" in parsed.text
    assert "submit form: status 503" in parsed.text


def test_the_page_is_small_enough_to_be_mailed(page):
    assert len(page.encode()) < MOST_BYTES


def test_a_page_of_many_steps_is_small_enough_too():
    names = [f"a step with a name of its own, number {number}" for number in range(60)]
    assert len(report_page(sample_result(steps=names, scale=0.25)).encode()) < MOST_BYTES


def test_the_page_has_one_heading_landmarks_and_tables_that_can_be_read_aloud(parsed):
    assert len(parsed.all("h1")) == 1
    for tag in ("header", "main", "footer", "title"):
        assert len(parsed.all(tag)) == 1
    assert parsed.all("html") == [{"lang": "en"}]
    assert len(parsed.all("caption")) == len(parsed.all("table")) == 6
    assert all(cell.get("scope") in {"col", "row"} for cell in parsed.all("th"))
    charts = [one for one in parsed.all("div") if one.get("role") == "img"]
    ids = {attrs["id"] for _, attrs in parsed.tags if attrs.get("id")}
    assert len(charts) == 5
    for chart in charts:
        assert {chart["aria-labelledby"], chart["aria-describedby"]} <= ids


def test_the_policy_allows_these_scripts_and_nothing_else(parsed):
    (policy,) = (m["content"] for m in parsed.all("meta") if "http-equiv" in m)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    run = parsed.scripts[1:]
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in run
    }
    assert len(run) == 2
    assert set(rules["script-src"].split()) == hashes
    assert "unsafe-inline" not in rules["script-src"]


def test_nothing_is_fetched(parsed):
    for _, attrs in parsed.tags:
        assert "src" not in attrs
        assert str(attrs.get("href", "#")).startswith(("#", "data:"))


def test_texts_of_the_user_are_text_wherever_they_stand():
    result = sample_result(
        scale=0.05, steps=(HOSTILE, "dashboard"), plan=HOSTILE, target=HOSTILE,
        base_url=HOSTILE, tags={HOSTILE: HOSTILE}, reasons=[HOSTILE],
        failures=[{"message": HOSTILE, "count": 1}],
        cleanup={"created": 2, "deleted": 1, "leaked": 1, "reasons": {HOSTILE: 1}},
        host={HOSTILE: HOSTILE},
    )  # fmt: skip
    parts = result.model_dump(by_alias=True)
    parts["benchmarks"][0] |= {"name": HOSTILE, "require": HOSTILE, "where": {HOSTILE: HOSTILE}}
    parts["checks"][0]["check"] = HOSTILE
    parts["stages"][0]["stage"] = HOSTILE
    parts["validity"]["findings"][0]["message"] = HOSTILE
    plain = Parsed(report_page(sample_result(scale=0.05, steps=("a", "dashboard"))))
    hostile = Parsed(report_page(type(result).model_validate(parts)))
    assert len(hostile.scripts) == len(plain.scripts) == 3
    assert hostile.all("img") == []
    assert hostile.text.count("<script>alert(1)</script>") > 15
    charts = json.loads(hostile.scripts[0])
    assert charts["curve"]["figures"][0]["data"][1]["name"].startswith("&lt;/script&gt;")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"complete": False}, "Incomplete: only what was recorded of the run is known"),
        ({"interrupted": True}, "Incomplete: the run was interrupted. These figures cover"),
    ],
)
def test_a_run_that_did_not_end_as_planned_says_so_above_its_figures(changes, words):
    text = Parsed(report_page(sample_result(scale=0.05, planned_s=540.0, **changes))).text
    assert words in text
    assert "of 9 min planned" in text
    assert text.index(words) < text.index("Verdict:")


def test_a_whole_run_has_no_banner(parsed):
    assert "Incomplete" not in parsed.text


def test_a_run_without_any_sample_is_a_page_too():
    page = Parsed(
        report_page(
            sample_result(
                samples=False, steps=(), checks=[], stages=[], benchmarks=[], host={}, tags={},
                cleanup={"created": None, "deleted": None, "leaked": None, "reasons": {}},
            )
        )
    )  # fmt: skip
    for words in (
        "Verdict: Invalid no benchmarks", "Nothing was sampled, so there is nothing to draw.",
        "No step was run.", "The plan has no benchmarks.", "the list was lost",
        "Nothing failed.", "No check was evaluated.",
    ):  # fmt: skip
        assert words in page.text
    assert json.loads(page.scripts[0]) == {}


def test_withheld_figures_are_dashes_and_explained():
    text = Parsed(report_page(sample_result(scale=0.02, load=0.1))).text
    assert "– is a figure withheld for want of samples: p50 needs 5, p95 59, p99 299." in text


def test_a_page_of_one_step_has_nothing_to_select():
    page = Parsed(report_page(sample_result(scale=0.05, steps=("dashboard",))))
    assert page.all("select") == []
    assert all(len(chart["figures"]) == 1 for chart in json.loads(page.scripts[0]).values())


def test_two_runs_are_one_page():
    changed = table("What changed", [Column("step", "name")], [["submit <form>"]])
    page = Parsed(
        comparison_page(
            sample_result(scale=0.05), sample_result(scale=0.05, slower=1.3, complete=False),
            outcome="fail", word="Regression", headline="submit form p95 +18 %",
            reasons=["412 → 486 ms"], table=changed, labels=("main", "<new>"),
        )
    )  # fmt: skip
    for words in (
        "peak-season: <new> compared with main", "Verdict: Regression submit form p95 +18 %",
        "412 → 486 ms", "submit <form>", "Steps of main", "What was asked of whom: <new>",
        "Incomplete",
    ):  # fmt: skip
        assert words in page.text
    charts = json.loads(page.scripts[0])
    assert set(charts) == {"throughput", "vus", "percentiles", "curve"}
    assert [t["name"] for t in charts["curve"]["figures"][0]["data"]] == [
        "All requests, main", "All requests, &lt;new&gt;",
    ]  # fmt: skip


def test_without_plotly_the_remedy_is_said(monkeypatch):
    monkeypatch.setattr(plotly_script, "find_spec", lambda name: None)
    with pytest.raises(WedloadError, match="needs the package plotly") as error:
        plotly_script.require_plotly()
    assert error.value.hint == 'python -m pip install "wedload[report]"'


@pytest.mark.parametrize("text", [None, "a</SCRIPT>b", "<!-- x"])
def test_a_script_that_cannot_be_inlined_is_refused(text, tmp_path, monkeypatch):
    place = tmp_path / "plotly.min.js"
    if text is not None:
        place.write_bytes(text.encode())
    monkeypatch.setattr(plotly_script, "_place", lambda: place)
    with pytest.raises(WedloadError, match=re.escape(str(place))):
        plotly_script.plotly_script()
