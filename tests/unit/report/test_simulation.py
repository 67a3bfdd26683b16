"""What third parties that were played by themselves were asked."""

from __future__ import annotations

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.fault_proxies import FaultProxy
from wedload.plan.loader import load_plan
from wedload.report.simulation import print_simulated
from wedload.results.simulated import Simulated
from wedload.units import NS_PER_MS

PLAN = """\
schema = 1
name = "small"
[targets.local]
base_url = "http://127.0.0.1:9"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "look"
[[workflows.look]]
http = "GET /"
[dependencies.calendar-of-suppliers-and-couples]
simulate = "google-calendar"
[dependencies.mail]
simulate = "email"
[proxies.line]
upstream = "dependency:mail"
"""
LINE = {"listen": "127.0.0.1:4100", "connections": 1_204, "bytes_up": 5_000, "bytes_down": 9_000}


def test_requests_outcomes_operations_and_proxies_are_told_within_80_columns(tmp_path, console):
    (tmp_path / "plan.toml").write_text(PLAN)
    plan = load_plan(tmp_path / "plan.toml").plan
    assert plan.proxies == {"line": FaultProxy(upstream="dependency:mail")}
    catalogue = Catalogue()
    phase = catalogue.add_phase(Phase(""))
    series = [catalogue.add_series(Series("", dependency=name)) for name in plan.dependencies]
    summary = Summary(catalogue)
    attempts = Histogram.of([1] * 60 + [2] * 20)
    took = Histogram.of([40 * NS_PER_MS] * 90 + [90 * NS_PER_MS] * 10)
    summary.add(
        Snapshot(
            0, 0,
            {
                CellKey(series[0], "dependency_duration", phase, "ok"): took,
                CellKey(series[0], "operation_attempts", phase, ""): attempts,
            },
            {
                CellKey(series[0], "dependency_requests", phase, "ok"): 90,
                CellKey(series[0], "dependency_requests", phase, "quota"): 10,
                CellKey(series[0], "dependency_operations", phase, "ok"): 80,
            },
        )
    )  # fmt: skip

    print_simulated(plan, Simulated(3_725.0, summary, {}, {"line": LINE}), console)

    text = console.export_text()
    assert "played for" in text
    row = next(line for line in text.splitlines() if line.startswith(" calendar-of"))
    assert row.split()[1:] == ["100", "80", "40", "ms", "90", "ms", "10", "%", "×1.25"]
    assert "90 ok, 10 quota" in text
    assert "line: 127.0.0.1:4100 → dependency:mail, 1,204 connections" in text
    assert max(map(len, text.splitlines())) <= 80
