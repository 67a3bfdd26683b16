"""How many load processes `auto` means."""

from __future__ import annotations

import os

import pytest

from wedload.fleet.cores import automatic_workers, usable_cores
from wedload.plan.loader import load_plan
from wedload.workload.compile_plan import Settings, compile_workload


@pytest.mark.parametrize(
    ("most_vus", "cores", "expected"),
    [
        (1_000, 1, 1),
        (1_000, 2, 1),
        (1_000, 8, 7),
        (3, 8, 3),  # a process without a virtual user has nothing to do
        (1, 8, 1),
    ],
)
def test_auto_is_a_process_a_core_but_one(tmp_path, most_vus, cores, expected):
    (tmp_path / "plan.toml").write_text(
        'schema = 1\nname = "ramp"\n[targets.local]\nbase_url = "http://127.0.0.1:9"\n'
        '[scenarios.main]\nexecutor = "ramping-vus"\nworkflow = "visit"\n'
        f'stages = [{{ duration = "1s", target = {most_vus} }}]\n'
        '[[workflows.visit]]\nhttp = "GET /"\n'
    )
    plan = load_plan(tmp_path / "plan.toml").plan
    workload = compile_workload(plan, Settings("local", "http://127.0.0.1:9"))

    assert automatic_workers(workload, cores) == expected


def test_cores_are_those_that_this_process_may_run_on(tmp_path):
    usable = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(usable)})
        assert usable_cores(tmp_path / "none") == 1
    finally:
        os.sched_setaffinity(0, usable)
    assert usable_cores(tmp_path / "none") == len(usable)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("max 100000", None),  # no quota
        ("100000 100000", 1),
        ("150000 100000", 1),  # a core and a half do not drive two processes
        ("50000 100000", 1),
        ("99900000 100000", None),
        ("nonsense", None),
    ],
)
def test_quota_of_a_container_is_respected(tmp_path, text, most):
    (tmp_path / "cpu.max").write_text(text)
    assert usable_cores(tmp_path / "cpu.max") == (most or len(os.sched_getaffinity(0)))
