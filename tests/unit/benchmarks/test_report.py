"""Reports of runs that never happened."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import report
from benchmarks.store import Record, Store


def _record(case: str, tool: str, number: int = 1, **values: Any) -> Record:
    requests, cpu_s = values.get("requests", 1000), values.get("cpu_s", 1.0)
    return {
        "case": case,
        "tool": tool,
        "round": number,
        "seconds": 10.0,
        "reading": {
            "requests": requests,
            "errors": 0,
            "load_s": 10.0,
            "iterations": requests,
            "dropped": values.get("dropped"),
            "checks_failed": None,
            "percentiles_ms": values.get("said", {}),
            "corrected_ms": values.get("corrected", {}),
            "iteration_ms": 50.0,
        },
        "usage": {
            "cpu_s": cpu_s,
            "largest_mb": 50.0,
            "sum_mb": 90.0,
            "processes": [{"command": tool, "cpu_s": cpu_s, "peak_mb": 50.0}],
            "noise": {
                "steal_ratio": values.get("steal", 0.0),
                "foreign_ratio": values.get("foreign", 0.0),
            },
        },
        "server": {
            "requests": values.get("counted", requests),
            "cpu_s": 5.0,
            "cpu_ratio": values.get("busy", 0.5),
            "percentiles_ms": values.get("true", {}),
        },
    }


def _store(*records: Record, missing: dict[str, str] | None = None) -> Store:
    tools = dict.fromkeys(record["tool"] for record in records)
    store = Store({"versions": dict.fromkeys(tools, "1.0"), "missing": missing or {}})
    for record in records:
        store.add(record)
    return store


def _row(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_tool_stands_beside_wedload_with_its_ratio():
    text = report.render(
        _store(
            _record("plain", "wedload", 1, requests=6000),
            _record("plain", "wedload", 2, requests=8000),
            _record("plain", "k6", 1, requests=1000),
            _record("plain", "k6", 2, requests=1000),
        )
    )
    assert _row(text, "wedload")[1:4] == ["700 (600–800)", "7,000 (6,000–8,000)", ""]
    assert _row(text, "k6")[1:4] == ["100", "1,000", "7.0× (6.0×–8.0×)"]
    assert _row(text, "Plain GET, 64") == ["Plain GET, 64 connections", "7.0×"]


def test_a_missing_peer_is_in_every_table():
    text = report.render(_store(_record("plain", "wedload"), missing={"hey": "no such package"}))
    assert "**missing: hey** – no such package" in text
    assert _row(text, "hey")[1] == "missing"


def test_a_case_for_some_tools_has_rows_of_no_others():
    text = report.render(
        _store(
            _record("http2", "wedload", requests=3000),
            _record("http2", "k6", requests=1000),
            _record("plain", "hey"),
            missing={"h2load": "no such package"},
        )
    )
    table = text.partition("### Plain GET over HTTP/2")[2]
    assert _row(table, "k6")[3] == "3.0×"
    assert _row(table, "h2load")[1] == "missing"
    assert "| hey" not in table


def test_a_tool_that_cannot_do_a_case_says_what_it_lacks():
    cannot = {
        "case": "workflow",
        "tool": "wrk",
        "round": 1,
        "seconds": 10.0,
        "unable": "no workflow",
    }
    text = report.render(_store(_record("workflow", "wedload"), cannot))
    assert _row(text, "wrk")[1] == "no workflow"


def test_a_failed_run_is_told_beside_the_good_ones():
    failed = {"case": "plain", "tool": "k6", "round": 2, "seconds": 10.0, "failed": "exit code 99"}
    text = report.render(_store(_record("plain", "k6"), failed))
    assert "k6, round 2: exit code 99" in text
    assert _row(text, "k6")[1] == "100"


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"counted": 1200}, "it says 1,000 requests, the server counted 1,200"),
        ({"steal": 0.07}, "7% of its core were stolen"),
        ({"foreign": 0.3}, "30% of its core were taken by other processes"),
        ({"busy": 0.99}, "the server's core was full"),
        ({"dropped": 12}, "12 iterations were due and never started"),
    ],
)
def test_what_makes_a_figure_doubtful_is_said(values, doubt):
    assert doubt not in report.render(_store(_record("plain", "k6")))
    assert doubt in report.render(_store(_record("plain", "k6", **values)))


def test_start_up_is_taken_off_in_a_table_of_its_own():
    text = report.render(
        _store(
            _record("start-up", "wedload", cpu_s=1.0),
            _record("start-up", "k6", cpu_s=0.5),
            _record("plain", "wedload", requests=8000, cpu_s=3.0),
            _record("plain", "k6", requests=1000, cpu_s=1.5),
        )
    )
    rows = [line for line in text.splitlines() if line.startswith("| Plain GET, 64")]
    assert [row.split("|")[2].strip() for row in rows] == ["4.0×", "4.0×"]
    assert "wedload 1.00 s, k6 0.50 s" in text


def test_accuracy_is_against_the_stamps_of_the_same_run():
    text = report.render(
        _store(
            _record("accuracy", "wedload", said={"p50": 20.5, "p99": 404.0},
                    true={"p50": 20.4, "p95": 160.0, "p99": 400.0}),
        )
    )  # fmt: skip
    assert _row(text, "wedload") == [
        "wedload", "1,000", "20.5 (20.4)", "+0.1 ms, +0.5%", "–", "–", "404.0 (400.0)",
        "+4.0 ms, +1.0%",
    ]  # fmt: skip


def test_a_freeze_is_beside_what_was_computed_for_it():
    text = report.render(
        _store(_record("freeze-few", "k6", said={"p50": 5, "p95": 6, "p99": 1900}, dropped=300))
    )
    assert _row(text, "**computed**")[2:4] == ["4,000", "0"]
    assert _row(text, "k6")[2:] == ["1,000", "300", "5.0", "6.0", "1,900"]


def test_iterations_of_ramps_are_compared_in_percent():
    text = report.render(
        _store(
            _record("ramping-up", "wedload", requests=1604),
            _record("ramping-up", "k6", requests=1600),
        )
    )
    assert _row(text, "0 to 20 in 8 s")[1:4] == ["1,604", "1,600", "+0.25%"]


def test_an_empty_store_makes_an_empty_report():
    assert report.render(Store()).startswith("# wedload and its peers")


def test_a_store_survives_its_file(tmp_path):
    store = _store(_record("plain", "k6"))
    store.write(tmp_path / "results.json")
    again = Store.read(tmp_path / "results.json")
    assert (again.about, again.records) == (store.about, store.records)
    assert Store.read(tmp_path / "none.json").records == []


def test_a_resumed_benchmark_repeats_failed_rounds_only():
    store = _store(
        _record("plain", "k6", 1),
        {"case": "plain", "tool": "k6", "round": 2, "seconds": 10.0, "failed": "killed"},
    )
    assert store.has("plain", "k6", 1, 10.0)
    assert not store.has("plain", "k6", 1, 5.0)
    assert not store.has("plain", "k6", 2, 10.0)
    store.add(_record("plain", "k6", 2))
    assert store.has("plain", "k6", 2, 10.0)
    assert len(store.records) == 2


def test_a_resumed_benchmark_forgets_other_versions():
    store = _store(_record("plain", "k6"), _record("plain", "wedload"))
    store.forget_other({"wedload": "2.0"})
    assert [record["tool"] for record in store.records] == ["k6"]
