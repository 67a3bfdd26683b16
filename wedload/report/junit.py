"""A result as JUnit XML, for CI systems that show tests: a test case for each benchmark.

Knows the result and nothing of files.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from wedload.report.fault_words import fault_sentences, goodput_words, recovered_words, when
from wedload.report.figures import figure_words
from wedload.report.xml import class_name, document, xml_text

if TYPE_CHECKING:
    from wedload.results.faults_model import Fault
    from wedload.results.model import Benchmark, Result

_WHOLE: Final = "The run is complete and its numbers can be trusted"


def junit(result: Result) -> str:
    """The document. It is green exactly if the run is complete, valid and met its benchmarks.

    A missed row is a failure; one that could not be judged is an error, as is an invalid run.
    """
    run = result.run
    cases = [_whole(result), *(_row(row) for row in result.benchmarks)]
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        id="0",
        package="wedload",
        name=xml_text(run.plan),
        timestamp=run.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        hostname=xml_text(run.host.get("name") or "localhost"),
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped="0",
        time=f"{run.duration_s:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _facts(result).items():
        ET.SubElement(properties, "property", name=xml_text(name), value=xml_text(value))
    for case in cases:
        case.set("classname", class_name(run.plan))
        suite.append(case)
    ET.SubElement(suite, "system-out").text = xml_text("\n".join(_notes(result)))
    ET.SubElement(suite, "system-err").text = xml_text("\n".join(_failures(result)))
    return document(root)


def _facts(result: Result) -> dict[str, object]:
    run = result.run
    facts: dict[str, object] = {
        "run": run.id, "plan_file": run.plan_file, "plan_hash": run.plan_hash,
        "load_hash": run.load_hash, "target": run.target, "base_url": run.base_url,
        "started_at": run.started_at.isoformat(), "time_scale": run.time_scale, "seed": run.seed,
        "version": run.version, "workers": run.workers, "verdict": result.verdict,
    }  # fmt: skip
    return facts | {f"tag.{key}": value for key, value in run.tags.items()}


def _whole(result: Result) -> ET.Element:
    """What is to be said of the run as a whole, whatever its rows say."""
    case = ET.Element("testcase", name=_WHOLE, time=f"{result.run.duration_s:.3f}")
    wrong = []
    if not result.run.complete:
        wrong.append("The run did not come to its end: this is what was recorded until then.")
    if result.run.interrupted:
        wrong.append("The run was interrupted before its schedule had ended.")
    if result.verdict == "invalid":
        wrong += [finding.message for finding in result.validity.findings if finding.invalidates]
        wrong += [reason for reason in result.reasons if reason not in wrong]
    if wrong:
        return _with(case, "error", "invalid", wrong)
    failing = [finding.message for finding in result.validity.findings if finding.fails]
    if result.verdict == "fail" and not any(row.status == "missed" for row in result.benchmarks):
        return _with(case, "failure", "fail", result.reasons or ["The verdict is fail."])
    if failing:
        return _with(case, "failure", "fail", failing)
    return case


def _row(row: Benchmark) -> ET.Element:
    case = ET.Element("testcase", name=xml_text(row.name), time="0")
    match row.status:
        case "met":
            return case
        case "missed":
            return _with(case, "failure", row.status, [row.reason or f"{row.require}: missed"])
        case _:
            return _with(case, "error", row.status, [row.reason or f"{row.require}: {row.status}"])


def _with(case: ET.Element, tag: str, kind: str, sentences: list[str]) -> ET.Element:
    found = ET.SubElement(case, tag, type=kind, message=xml_text(sentences[0]))
    found.text = xml_text("\n".join(sentences))
    return case


def _notes(result: Result) -> list[str]:
    """What was seen, row by row: a test case itself has no place for it that all readers know."""
    seen = [
        f"{row.name}: {figure_words(row.metric, row.observed, row.unit)},"
        f" {row.samples:,} samples, {row.status} ({row.require})"
        for row in result.benchmarks
    ]
    seen += [
        f"{one.name}: {one.delivered:,} of {one.expected:,} delivered in time, {one.late:,} late, "
        f"{one.lost:,} lost"
        for one in result.channels
    ]
    seen += [sentence for one in result.faults for sentence in _fault(one)]
    found = result.validity.findings
    return seen + [f.message for f in found if not (f.invalidates or f.fails)]


def _fault(one: Fault) -> list[str]:
    goodput = f"{one.name} ({when(one)}): goodput {goodput_words(one, ' → ')}"
    return [f"{goodput}, recovered after: {recovered_words(one)}", *fault_sentences(one)]


def _failures(result: Result) -> list[str]:
    return [f"{one.count:,} × {one.message}" for one in result.failures]
