"""Resources, explained before a run."""

from __future__ import annotations

from tests.helpers.plans import SMALLEST
from tests.helpers.tables import widths
from wedload.plan.loader import load_plan
from wedload.report.explain import explain
from wedload.workload.compile_plan import Settings, compile_workload

RESOURCES = """\
[resources]
prometheus = "http://127.0.0.1:9090"
every = "5s"
[resources.queries]
"api" = "process: gunicorn"
"db cpu" = "prometheus: rate(process_cpu_seconds_total{job='postgres'}[30s])"
"db" = "postgres: ${env.WEDLOAD_PG_DSN}"
"""


def explained(tmp_path, console, text):
    (tmp_path / "plan.toml").write_text(text)
    loaded = load_plan(tmp_path / "plan.toml")
    workload = compile_workload(loaded.plan, Settings("sandbox", "http://127.0.0.1:8000"))
    explain(loaded, workload, "sandbox", console)
    said = console.export_text()
    assert max(widths(said)) <= 80
    return " ".join(said.split())


def test_each_is_told_with_what_is_asked_and_how_often(tmp_path, console):
    said = explained(tmp_path, console, SMALLEST + RESOURCES)

    assert "resource sampled every 5s machine this machine api process gunicorn" in said
    assert (
        "db cpu prometheus rate(process_cpu_seconds_total{job='postgres'}[30s]) "
        "asked of http://127.0.0.1:9090" in said
    )
    assert "db postgres ${env.WEDLOAD_PG_DSN}" in said


def test_plan_without_any_is_not_told_of_them(tmp_path, console):
    assert "sampled every" not in explained(tmp_path, console, SMALLEST)
