"""Resources in a terminal, when a run is over."""

from __future__ import annotations

from dataclasses import replace

from tests.helpers.tables import widths
from tests.helpers.watched import watched
from wedload.metrics.levels import Level, LevelKey, Levels
from wedload.report.final import print_final
from wedload.report.resources import resource_table, shown


def test_each_resource_with_samples_has_a_line(console):
    found = shown(watched())

    console.print(resource_table(found))

    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert lines == [
        "resource cpu avg max memory besides",
        "machine 98.3 % 196.7 % load 0.98",
        "api 50 % 98.3 % 51 MB 40 descriptors",
        "db 12 of 100 connections, 3 active, 2 waiting,",
        "lock waits 1",
        "queue 1 on average, 1 at most",
    ]


def test_long_names_leave_the_table_80_columns_wide(console):
    found = [one.model_copy(update={"name": f"{one.name} " + "x" * 90}) for one in watched()]

    console.print(resource_table(found))

    assert max(widths(console.export_text())) <= 80


def watched_run(run):
    """A run that has sampled one process in two of its seconds, and failed with another."""
    levels = Levels()
    for second, cpu in ((0, 0.5), (2, 1.5)):
        levels.add(
            second,
            {
                LevelKey("api", "resource_cpu"): Level(cpu, 2.0),
                LevelKey("api", "resource_memory"): Level(8e7),
            },
        )
    info = replace(run.info, resources={"api": "process: a", "db": "postgres: main"})
    reports = {"db": {"problems": {"PostgreSQL says: no": 3}}}
    return replace(run, levels=levels, info=info, resources=reports)


def test_final_report_has_them_and_why_samples_are_missing(make, console):
    print_final(watched_run(make(["look"], seconds=3, ms=[1], count=1).run), console)

    text = " ".join(console.export_text().split())
    assert "api 100 % 150 % 80 MB" in text
    assert "db: not sampled 3 times: PostgreSQL says: no" in text
