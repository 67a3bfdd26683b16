"""Which of the processes of a run is which, as its view expects them."""

from __future__ import annotations

import pytest

from wedload.plan.loader import load_plan
from wedload.report.view import view_of
from wedload.workload.compile_plan import Settings, compile_workload

HEAD = """\
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
"""
HOOKS = '[channels.hooks]\nwebhook = "/"\nkey = "json.id"\nsignature = { scheme = "none" }\n'
MAIL = '[dependencies.mail]\nsimulate = "email"\n'
PROXY = '[proxies.db]\nupstream = "127.0.0.1:5432"\n'


@pytest.mark.parametrize(
    ("more", "workers", "ears", "parties"),
    [
        ("", 2, None, None),
        (HOOKS, 3, 2, None),
        (MAIL, 3, None, 2),
        (PROXY, 3, None, 2),
        (HOOKS + MAIL + PROXY, 4, 2, 3),
    ],
)
def test_processes_beside_the_load_are_numbered_behind_two_load_processes(
    tmp_path, more, workers, ears, parties
) -> None:
    (tmp_path / "plan.toml").write_text(HEAD + more)
    plan = load_plan(tmp_path / "plan.toml").plan
    workload = compile_workload(plan, Settings("local", "http://127.0.0.1:9"))

    collected = view_of(plan, "local", workload, workers=workers).collected

    assert (collected.ears, collected.parties) == (ears, parties)
