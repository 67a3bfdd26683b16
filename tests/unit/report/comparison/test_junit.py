"""A comparison for a build server."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from wedload.report.comparison.junit import as_junit


def test_junit_has_a_case_for_each_row(make):
    suite = ET.fromstring(as_junit(make()).encode()).find("testsuite")

    assert suite is not None
    assert suite.attrib == {
        "name": "peak-season", "tests": "6", "failures": "2", "errors": "0", "skipped": "2",
    }  # fmt: skip
    cases = {case.attrib["name"]: case for case in suite.iter("testcase")}
    failure = cases["submit form p95"].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "submit form p95 +18 % (12–25 %), 412 → 486 ms"
    skipped = cases["dashboard p95"].find("skipped")
    assert skipped is not None
    assert "runs of about 19 min would decide" in skipped.attrib["message"]
    assert cases["throughput"].find("failure") is None


def test_junit_has_an_error_for_what_cannot_be_compared(not_comparable):
    root = ET.fromstring(as_junit(not_comparable).encode())

    assert root.attrib["errors"] == "1"
    error = root.find(".//error")
    assert error is not None
    assert error.text is not None
    assert "the plans differ" in error.text


def test_junit_survives_what_xml_cannot_hold(make, make_row):
    text = as_junit(make([make_row("a\x00b\x1b[31m<&\"'>\ud800")], "inconclusive"))

    case = ET.fromstring(text.encode()).find(".//testcase")
    assert case is not None
    assert case.attrib["name"] == "a�b�[31m<&\"'>�"


def test_a_dot_in_a_plan_makes_no_package(make):
    made = make()
    made = replace(made, base=replace(made.base, plan="shop.v2"))

    suite = ET.fromstring(as_junit(made).encode()).find("testsuite")

    assert suite is not None
    assert suite.attrib["name"] == "shop.v2"
    assert {case.attrib["classname"] for case in suite.iter("testcase")} == {"wedload.shop_v2"}
