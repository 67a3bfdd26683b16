"""A comparison for build servers: JUnit's XML, a test case a row. Pure.

A regression is a failure; what is not decided is skipped, with its reason; runs that cannot be
compared are an error. The exit code says more: 3 where nothing failed, but not all was decided.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

if TYPE_CHECKING:
    from wedload.comparison.model import Comparison, Row

#: what XML 1.0 has no way to write
_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    plan = _text(comparison.base.plan or comparison.base.label)
    suite = SubElement(suites, "testsuite", {"name": plan, **counts})
    if errors:
        case = SubElement(suite, "testcase", {"classname": plan, "name": "comparable"})
        error = SubElement(case, "error", {"message": _text(comparison.headline)})
        error.text = _text("\n".join(comparison.reasons))
    for row in rows:
        _case(SubElement(suite, "testcase", {"classname": plan, "name": _text(row.name)}), row)
    told = SubElement(suite, "system-out")
    told.text = _text("\n".join([comparison.headline, *comparison.reasons, *comparison.notes]))
    indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, "unicode") + "\n"


def _case(case: Element, row: Row) -> None:
    sentence = _text(row.sentence)
    match row.outcome:
        case "regression":
            failure = SubElement(case, "failure", {"message": sentence, "type": "regression"})
            failure.text = sentence
        case "inconclusive" | "not-decided":
            SubElement(case, "skipped", {"message": sentence})
        case _:
            SubElement(case, "system-out").text = sentence


def _text(text: str) -> str:
    return _NOT_XML.sub("�", text)
