"""A comparison in a terminal, a pull request, a build server, and a program."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len

from wedload.report.comparison.document import as_json, comparison_schema
from wedload.report.comparison.junit import as_junit
from wedload.report.comparison.markdown import as_markdown
from wedload.report.comparison.table import print_comparison

TABLE = """\
 peak-season → sandbox
 base    base.json  2027-06-19 12:00  09:00 of load
 current current.json  2027-06-19 12:00  09:00 of load

 ✗ submit form p95 +18 % (12–25 %), 412 → 486 ms
 ✗ submit form failures 0.2 % → 1.42 % (+0.9 to +1.6 points)
 ✓ better: search p50 −29 % (−31 to −26 %), 98.0 → 70.1 ms

                             base current  change          between
 ✗ submit form p95         412 ms  486 ms   +18 %          12–25 %
 ✗ submit form failures     0.2 %  1.42 % +1.2 pt +0.9 to +1.6 pt
 ✓ search p50             98.0 ms 70.1 ms   −29 %    −31 to −26 %
 ? dashboard p95          98.0 ms  103 ms  +5.1 %     −2 to +12 %
 · sign in p95                  –       –
 ✓ throughput               531/s   529/s  −0.4 %  −1.0 to +2.0 %
 · sign in p95: too few samples: 12 of 59 for p95

 comparison: REGRESSION  2 of 6 rows worse by more than the margin, 1 better
 • the number of load processes differs: 1 → 2
"""
LONG = "a step whose name is far longer than any table could ever hold in eighty columns"


def lines(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).rstrip() for line in text.splitlines()]


def test_a_table_says_what_changed_and_then_shows_every_row(make, console):
    print_comparison(make(), console)

    assert lines(console.export_text()) == lines(TABLE)


@pytest.mark.parametrize("name", [LONG, "予約フォームを作成する" * 4, "[red]not markup[/red] [/]"])
@pytest.mark.parametrize("outcome", ["regression", "inconclusive"])
def test_a_table_fits_80_columns_whatever_it_shows(make, make_row, console, name, outcome):
    rows = [
        make_row(name, outcome=outcome, base=1e8, current=3e9, change=29.0,
                 interval=(-0.9999, 123456.0)),
        make_row(name, outcome=outcome, unit="ratio", base=0.00001, current=0.99999, change=0.9999,
                 interval=(0.9, 0.99999)),
        make_row(name, reason=name),
    ]  # fmt: skip

    print_comparison(make(rows, outcome, notes=[name * 3]), console)

    text = console.export_text()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "comparison: " in text


def test_what_cannot_be_compared_is_said_why(not_comparable, console):
    print_comparison(not_comparable, console)

    text = " ".join(console.export_text().split())
    assert "comparison: INCONCLUSIVE these runs cannot be compared" in text
    assert "• the plans differ: load hash a7a7" in text


def test_several_runs_a_side_are_counted(make, console):
    made = make()
    made.base.runs.extend(made.base.runs * 4)

    print_comparison(made, console)

    assert "base base.json 5 runs" in " ".join(console.export_text().split())


def test_markdown_is_a_table_with_a_line_for_each_change(make):
    text = as_markdown(make())

    assert text.startswith("### ❌ REGRESSION: 2 of 6 rows worse")
    assert "- ❌ submit form p95 +18 % (12–25 %), 412 → 486 ms" in text
    assert "| ❌ | submit form p95 | 412 ms | 486 ms | +18 % | 12–25 % |" in text
    assert text.count("\n| ") == 8  # head, rule and rows


@pytest.mark.parametrize("name", ["a | b", "<script>alert(1)</script>", "*bold* _x_ `code` [l](u)"])
def test_names_are_no_markdown(make, make_row, name):
    text = as_markdown(make([make_row(name, outcome="no-regression", base=1.0, current=1.0,
                                      change=0.0)], "no-regression"))  # fmt: skip

    row = next(line for line in text.splitlines() if line.startswith("| ✅"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert "<script>" not in text
    assert re.search(r"(?<!\\)[*`\[<]", row) is None


def test_a_name_in_a_comparison_mentions_nobody_and_links_nowhere(make, make_row):
    name = "@torvalds see https://evil.example &lt;b&gt;"
    rows = [make_row(name, outcome="no-regression", base=1.0, current=1.0, change=0.0)]

    text = as_markdown(make(rows, "no-regression"))

    assert "@torvalds" not in text
    assert "https://" not in text
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert escape(name, quote=False) in html


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


def test_json_has_everything_and_a_schema_of_its_own(make):
    document = json.loads(as_json(make()))

    assert document["schema"] == "wedload.comparison/1"
    assert document["outcome"] == "regression"
    row = document["rows"][0]
    assert row["sentence"] == "submit form p95 +18 % (12–25 %), 412 → 486 ms"
    assert (row["interval"], row["level"], row["p"], row["blocks"]) == (
        [0.12, 0.25],
        0.99,
        0.0001,
        22,
    )
    assert document["settings"]["margin"] == 0.05
    assert document["base"]["runs"][0]["started_at"] == "2027-06-19T12:00:00Z"


@pytest.mark.parametrize("rows", [None, ()])
def test_the_document_fits_its_schema(make, rows):
    schema = comparison_schema()
    document = json.loads(as_json(make() if rows is None else make(rows, "inconclusive")))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"outcome": "maybe"}, schema)


def test_a_dot_in_a_plan_makes_no_package(make):
    made = make()
    made = replace(made, base=replace(made.base, plan="shop.v2"))

    suite = ET.fromstring(as_junit(made).encode()).find("testsuite")

    assert suite is not None
    assert suite.attrib["name"] == "shop.v2"
    assert {case.attrib["classname"] for case in suite.iter("testcase")} == {"wedload.shop_v2"}
