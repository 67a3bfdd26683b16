"""`python` steps on the command line: only with --allow-python, and with a real module."""

from __future__ import annotations

import pytest

MODULE = """\
from pathlib import Path
Path("was_imported").touch()

async def order(vu):
    made = await vu.http("POST", "/orders", json={"vu": vu.vu})
    vu.check("accepted", made.status == 200)
    await vu.clean_up(f"/orders/{vu.vu}")
    return {"status": made.status}
"""
STEP = """\
[[workflows.visit]]
name = "order"
python = "flows:order"
reports = ["accepted"]
check = ["json.status == 200"]
"""


@pytest.fixture
def plan(wedload, small):
    """The small plan with a step of its own code, whose import would leave a file."""
    (wedload.folder / "flows.py").write_text(MODULE)
    return wedload.plan(small.read_text() + STEP)


@pytest.mark.parametrize("command", [["run"], ["check"]])
def test_without_the_option_no_module_is_imported(wedload, server, plan, command):
    done = wedload(*command, plan)

    told = " ".join((done.out + done.err).split())
    assert "plan.toml:20" in told.replace(" ", "")
    assert "--allow-python" in told
    assert done.code == (2 if command == ["run"] else 0)
    assert server.requests == []
    assert not (wedload.folder / "was_imported").exists()


def test_with_it_the_coroutine_drives_the_target_as_the_virtual_user_does(wedload, server, plan):
    done = wedload("run", plan, "--allow-python")

    assert done.code == 0, done.err
    sent = {(method, path) for method, path, _ in server.requests}
    assert {("POST", "/orders"), ("DELETE", "/orders/1"), ("DELETE", "/orders/2")} <= sent
    (step,) = (one for one in done.result["steps"] if one["step"] == "order")
    assert step["metrics"]["python_duration"]["count"] == step["metrics"]["http_reqs"]["count"]
    checks = {one["check"]: one for one in done.result["checks"]}
    assert checks["accepted"]["failed"] == 0 < checks["accepted"]["passed"]
    assert done.result["cleanup"]["leaked"] == 0
    assert (wedload.folder / "was_imported").exists()
    assert not (wedload.folder / "__pycache__").exists()


def test_a_module_that_cannot_be_imported_ends_the_run_before_its_load(wedload, server, plan):
    (wedload.folder / "flows.py").write_text("import nothing_of_that_name\n")

    done = wedload("run", plan, "--allow-python")

    assert done.code == 4
    told = " ".join(done.err.split())
    assert "No module named 'nothing_of_that_name'" in told
    assert "flows.py:1" in told.replace(" ", "")
    assert "Traceback" not in done.err
    assert server.requests == []
