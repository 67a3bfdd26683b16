"""JUnit XML: what CI systems show of a run, and that they can read it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.broken_result import fault, lasting, with_faults
from tests.helpers.small_result import failed_result, row, small_result
from wedload.report.junit import junit

#: element -> (attributes it must have, its children in order): what the schema of Ant's reports
#: (github.com/windyroad/JUnit-Schema) and Jenkins' own (xunit-plugin, junit-10.xsd) both allow
SHAPE = {
    "testsuites": (set(), ["testsuite"]),
    "testsuite": (
        {
            "id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors",
            "skipped", "time",
        },
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["error", "failure"]),
    "error": ({"type", "message"}, []),
    "failure": ({"type", "message"}, []),
    "system-out": (set(), []),
    "system-err": (set(), []),
}  # fmt: skip


def read(result):
    root = ET.fromstring(junit(result))
    _has_shape(root)
    (suite,) = root
    return suite


def _has_shape(element):
    attributes, children = SHAPE[element.tag]
    assert set(element.attrib) == attributes
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    for child in element:
        _has_shape(child)


def outcomes(suite):
    return {
        case.get("name"): next(iter(child.tag for child in case), "passed")
        for case in suite.iter("testcase")
    }


WHOLE = "The run is complete and its numbers can be trusted"


def test_each_row_is_a_test_case_and_so_is_the_run_as_a_whole():
    suite = read(failed_result())

    assert outcomes(suite) == {
        WHOLE: "error",
        "Looking is quick": "passed",
        "Buying is quick": "failure",
        "Tail": "error",
        "Critical": "error",
    }
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "1", "errors": "3", "skipped": "0"}
    (failure,) = suite.iter("failure")
    assert (failure.get("type"), failure.get("message")) == ("missed", "Too slow.")
    assert [error.get("type") for error in suite.iter("error")] == [
        "invalid", "insufficient", "no-data",
    ]  # fmt: skip


def test_facts_of_the_run_are_properties_and_its_start_is_in_utc():
    suite = read(small_result(tags={"commit": "a1b2c3d"}))

    facts = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert facts["run"] == "20261124-010203-abcd"
    assert facts["verdict"] == "pass"
    assert facts["tag.commit"] == "a1b2c3d"
    assert facts["load_hash"] == "2e" * 32
    assert suite.get("timestamp") == "2026-11-24T01:02:03"
    assert suite.get("time") == "60.000"
    assert "Looking is quick: 103 ms, 4,000 samples, met" in suite.findtext("system-out")


@pytest.mark.parametrize(
    ("changes", "outcome", "said"),
    [
        ({}, "passed", None),
        ({"complete": False}, "error", "did not come to its end"),
        ({"interrupted": True}, "error", "was interrupted"),
        (
            {"verdict": "fail", "reasons": ["Every request failed; see the failures for why."]},
            "failure",
            "Every request failed",
        ),
        ({"verdict": "fail", "benchmarks": [row("Slow", status="missed")]}, "passed", None),
        ({"verdict": "invalid", "reasons": ["A load process was lost."]}, "error", "was lost"),
    ],
)
def test_what_is_wrong_with_a_run_as_a_whole_is_never_green(changes, outcome, said):
    suite = read(small_result(**changes))

    assert outcomes(suite)[WHOLE] == outcome
    case = next(case for case in suite.iter("testcase") if case.get("name") == WHOLE)
    assert said is None or said in case[0].get("message")


def test_run_that_was_cut_short_and_also_missed_shows_both():
    suite = read(small_result(interrupted=True, verdict="fail", benchmarks=[row("A", status="missed")]))  # fmt: skip  # noqa: E501

    assert outcomes(suite) == {WHOLE: "error", "A": "failure"}


@given(st.text(min_size=1))
def test_any_text_can_be_read_again(text):
    suite = read(
        small_result(
            plan=text, tags={text: text}, failures=[{"message": text, "count": 3}],
            benchmarks=[row(text, status="missed", reason=text)],
        )
    )  # fmt: skip

    (failure,) = suite.iter("failure")
    kept = all(c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" for c in text)  # fmt: skip  # noqa: E501
    if kept:
        assert failure.get("message") == text


def test_how_the_platform_fared_under_each_fault_is_among_what_was_seen():
    result = with_faults(small_result(), [fault(), lasting()])

    (seen,) = read(result).iter("system-out")

    assert (
        "calendar outage (01:00–01:37): goodput 42.1/s → 97.3 % → 99.8 %, recovered after: 4.20 s"
    ) in seen.text
    assert "mail slow: metastable: the platform did not recover by itself" in seen.text
