"""A comparison for build servers: JUnit's XML, a test case a row. Pure.

A regression is a failure; what is not decided is skipped, with its reason; runs that cannot be
compared are an error. The exit code says more: 3 where nothing failed, but not all was decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from wedload.report.xml import class_name, document, xml_text

if TYPE_CHECKING:
    from wedload.comparison.model import Comparison, Row


def as_junit(comparison: Comparison) -> str:
    """The XML document."""
    rows = comparison.rows
    failed = sum(row.outcome == "regression" for row in rows)
    skipped = sum(row.outcome in {"inconclusive", "not-decided"} for row in rows)
    errors = 0 if comparison.comparable else 1
    counts = {
        "tests": str(len(rows) + errors), "failures": str(failed), "errors": str(errors),
        "skipped": str(skipped),
    }  # fmt: skip
    suites = Element("testsuites", {"name": "wedload compare", **counts})
    name = comparison.base.plan or comparison.base.label
    plan = class_name(name)
    suite = SubElement(suites, "testsuite", {"name": xml_text(name), **counts})
    if errors:
        case = SubElement(suite, "testcase", {"classname": plan, "name": "comparable"})
        error = SubElement(case, "error", {"message": xml_text(comparison.headline)})
        error.text = xml_text("\n".join(comparison.reasons))
    for row in rows:
        _case(SubElement(suite, "testcase", {"classname": plan, "name": xml_text(row.name)}), row)
    told = SubElement(suite, "system-out")
    told.text = xml_text("\n".join([comparison.headline, *comparison.reasons, *comparison.notes]))
    return document(suites)


def _case(case: Element, row: Row) -> None:
    sentence = xml_text(row.sentence)
    match row.outcome:
        case "regression":
            failure = SubElement(case, "failure", {"message": sentence, "type": "regression"})
            failure.text = sentence
        case "inconclusive" | "not-decided":
            SubElement(case, "skipped", {"message": sentence})
        case _:
            SubElement(case, "system-out").text = sentence
