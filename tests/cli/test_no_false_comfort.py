"""What must not look like success, or be lost, whatever else goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.helpers.identities import identity

PLAN = f"""
schema = 1
name = "comfort"
[targets.sandbox]
sandbox = true
{identity("couple")}\
{identity("supplier")}\
[scenarios.main]
executor = "constant-vus"
vus = 4
duration = "2s"
pace = "200ms"
mix = {{ outer = 50, inner = 50 }}
[[workflows.outer]]
use = "inner"
[[workflows.inner]]
name = "create"
http = "POST /api/forms/intake"
as = "supplier"
json = {{ title = "A form", fields = "${{synthetic.intake_fields()}}" }}
capture = {{ form_id = "json.id" }}
check = ["status == 201"]
cleanup = "DELETE /api/forms/${{form_id}}"
"""


def command(tmp_path, text=PLAN):
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    return [sys.executable, "-c", "from wedload.cli import main; main()", "run", str(plan)]


def test_reader_of_stderr_that_goes_away_costs_neither_clean_up_nor_result(tmp_path):
    result = tmp_path / "r.json"
    process = subprocess.Popen(
        [*command(tmp_path), "-o", str(result), "--no-live"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stderr.readline()
    process.stderr.close()

    assert process.wait(60) == 0
    cleanup = json.loads(result.read_text())["cleanup"]
    assert cleanup["created"] == cleanup["deleted"] > 0


def test_run_that_sends_nothing_is_invalid(tmp_path):
    text = PLAN.replace('name = "create"', 'name = "create"\nwhen = "false"')
    done = subprocess.run(
        command(tmp_path, text),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )

    assert done.returncode == 3
    assert "No request was sent" in done.stderr


def test_steps_of_a_workflow_that_is_used_and_in_the_mix_are_counted_once(tmp_path):
    done = subprocess.run(
        command(tmp_path), capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True
    )

    result = json.loads(done.stdout)
    steps = [step for step in result["steps"] if step["scenario"] == "main"]
    assert {step["workflow"] for step in steps} == {None, "outer", "inner"}
    by_step = sum(step["metrics"]["http_reqs"]["count"] for step in steps)
    assert by_step == result["metrics"]["http_reqs"]["count"]
    passed = sum(check["passed"] for check in result["checks"])
    assert passed == result["metrics"]["checks"]["count"]


def test_request_without_a_response_passes_no_check(tmp_path):
    text = PLAN.replace("sandbox = true", 'base_url = "http://127.0.0.1:9"', 1)
    text = text.replace('check = ["status == 201"]', 'check = ["duration < 2s"]')
    text = text.replace('as = "supplier"\n', "")
    with subprocess.Popen(
        [sys.executable, "-c", _RESETTING], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        text = text.replace("127.0.0.1:9", f"127.0.0.1:{server.stdout.readline().strip()}")
        done = subprocess.run(
            [*command(tmp_path, text), "--set", "identities={}"],
            capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False,
        )  # fmt: skip
        server.communicate()

    assert done.returncode == 1, done.stderr
    checks = json.loads(done.stdout)["checks"]
    assert sum(check["failed"] for check in checks) > 0
    assert sum(check["passed"] for check in checks) == 0


_RESETTING = """
import socket, struct, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def serve():
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
threading.Thread(target=serve, daemon=True).start()
sys.stdin.read()
"""
