"""A search for the capacity in reports: its sentences, its probes, in Markdown and HTML too."""

from __future__ import annotations

from tests.helpers.small_result import document, row
from wedload.report.capacity_words import capacity_sentences, probe_cells, rows_of
from wedload.report.html.page import report_page
from wedload.report.markdown import markdown
from wedload.results.capacity_model import Capacity
from wedload.results.model import Result

PROBE = {
    "name": "probe 1", "rate_per_s": 400, "requests_per_s": 1203.4, "begin_s": 66.0, "end_s": 90,
    "fared": "held", "rows": [
        {
            "name": "Looking is quick", "status": "met", "observed": 90.0, "samples": 9,
            "margin": 0.1,
        },
        {"name": "Nothing fails", "status": "met", "observed": 0.0, "samples": 9, "margin": 1.0},
    ],
}  # fmt: skip
SENTENCE = "Capacity 412 iterations/s (95 %: 396 to 431): above it “Looking is quick” breaks."
FOUND = Capacity.model_validate(
    {
        "outcome": "found", "rate_per_s": 412.0, "interval_95": (396, 431), "sentence": SENTENCE,
        "requests_per_s": 1240.0, "probes": [
            PROBE,
            PROBE | {"name": "probe 2", "fared": "broken", "cut": True, "rate_per_s": 46.66},
            PROBE | {"name": "probe 3", "fared": "limited", "limit": "the machine", "rows": []},
        ],
    }
)  # fmt: skip


def searched() -> Result:
    return Result.model_validate(
        document(benchmarks=[row("Looking is quick")]) | {"capacity": FOUND.model_dump(mode="json")}
    )


def test_the_sentences_say_what_was_found_and_what_says_nothing():
    assert list(capacity_sentences(FOUND)) == [
        SENTENCE,
        "That is about 1,240 requests/s.",
        "Probe 3 at a limit that is not the target's: the machine.",
    ]


def test_each_probe_has_its_row_that_is_nearest_to_its_limit():
    assert list(probe_cells(FOUND, rows_of(searched().benchmarks))) == [
        ("1", "01:06", "400", "1,203", "held", "Looking is quick", "90 ms"),
        ("2", "01:06", "46.7", "1,203", "broke, cut", "Looking is quick", "90 ms"),
        ("3", "01:06", "400", "1,203", "limited", "–", "–"),
    ]


def test_markdown_and_the_page_show_it():
    text, page = markdown(searched()), report_page(searched())
    assert f"- {SENTENCE}" in text
    assert "| 2 | 01:06 | 46.7 | 1,203 | broke, cut | Looking is quick | 90 ms |" in text
    assert '<section id="capacity"' in page
    assert SENTENCE in page


def test_other_runs_have_no_such_part():
    other = Result.model_validate(document())
    assert "Capacity" not in markdown(other)
    assert 'id="capacity"' not in report_page(other)
