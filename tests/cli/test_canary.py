"""Canary secrets in every command and every kind of failure: in no file and no output after it.

One is in the environment, one in a file, one is a token that the platform gives out; the platform
tells everybody what it was told (tests/helpers/echo.py).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.helpers.canaries import leaks, written
from tests.helpers.echo import Echo
from wedload.cli import commands
from wedload.cli.exits import exit_with
from wedload.report.html.plotly_script import plotly_script
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

OF_ENVIRONMENT = 'cAn4ry-E9/+env"q"<&>\'z%41~9kd7'
OF_FILE = "f1leD-c4N/7+=\\&<'>#%2F;qx83hw0z"
ISSUED = "tOk3n/gIven+oUt-84hsk20dmq7=="
CANARIES = (OF_ENVIRONMENT, OF_FILE, ISSUED)
SECRETS = {"WEDLOAD_CANARY": OF_ENVIRONMENT}
_FILE = "filed.txt"

HEAD = """\
schema = 1
name = "canary"
[targets.here]
base_url = "URL"
[secrets]
secret_file = { filed = "filed.txt" }
[http]
timeout = "300ms"
[variables]
odd = { a = 1 }
[identities.somebody]
http = "POST /sign-in"
json = { key = "${env.WEDLOAD_CANARY}", other = "${secrets.filed}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[identities.basic]
auth = { basic = { user = "u", password = "${secrets.filed}" } }
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "30s"
pace = "50ms"
graceful_stop = "1s"
MIX
"""
SENT = (
    'query = { a = "${env.WEDLOAD_CANARY}", b = "${secrets.filed}" }\n'
    'headers = { K = "${secrets.filed}" }'
)
#: each a workflow of its own, as one that fails ends its iteration
STEPS = {
    **{
        path: f'http = "GET /{path}"\nas = "somebody"\n{SENT}'
        for path in (
            "fine", "refused", "broken", "away", "away-in-base64", "away-undeclared", "around",
            "late", "nonsense", "odd-status", "odd-header",
        )
    },
    "no-json": 'http = "POST /no-json"\nform = { k = "${secrets.filed}" }\n'
               'capture = { n = "json.nothing" }',
    "basic": 'http = "GET /refused"\nas = "basic"',
    "basic away": 'http = "GET /away-in-base64"\nas = "basic"',
    "host": 'http = "GET http://${env.WEDLOAD_CANARY}.invalid/"',
    "host of a file": 'http = "GET http://${secrets.filed}/"',
    "header": 'http = "GET /"\nheaders = { A = "${secrets.filed + \'\\\\n\'}" }',
    "number": 'http = "GET /"\nlet = { n = "${int(env.WEDLOAD_CANARY)}" }',
    "number of a file": 'http = "GET /"\nlet = { n = "${int(secrets.filed)}" }',
    "member": 'http = "GET /${secrets.filed.nothing}"',
    "key": 'http = "GET /"\nlet = { n = "${odd[secrets.filed]}" }',
    "sum": 'http = "GET /"\nlet = { n = "${secrets.filed + 1}" }',
    "token": 'http = "GET /"\nas = "somebody"\ncheck = ["json.echo == \'no\'", "int(text) > 1"]',
    "creates": 'http = "POST /fine"\nas = "somebody"\nform = { k = "${env.WEDLOAD_CANARY}" }\n'
               'capture = { n = "len(text)" }\n'
               'cleanup = "DELETE /refused?n=${n}&k=${secrets.filed}"',
    "websocket": 'ws = "/fine?k=${env.WEDLOAD_CANARY}"\nas = "somebody"',
}  # fmt: skip
DEFECT = """\
import os, sys
if os.environ.get("DEFECT") == "coordinator" and sys.orig_argv[-1].endswith(".toml"):
    import wedload.run.facts
    import wedload.run.session as session
    def broken(*_):
        raise RuntimeError(f"broken: {os.environ['WEDLOAD_CANARY']!r}")
    session.run_info = broken
if "wedload.fleet.worker" in sys.orig_argv:
    from wedload.engine.engine import Engine
    async def broken(self, *_):
        said = f"broken: {self._shared.settings.secrets.plain['filed']!r}"
        if os.environ["DEFECT"] == "stderr":
            print(said, file=sys.stderr, flush=True)
            os._exit(3)
        raise RuntimeError(said)
    if os.environ.get("DEFECT") in ("worker", "stderr"):
        Engine.load = broken
"""


@pytest.fixture
def echo():
    one = Echo(ISSUED)
    yield one
    one.close()


@pytest.fixture
def plan(wedload, echo) -> Path:
    filed = wedload.folder / _FILE
    filed.write_text(f"{OF_FILE}\n")
    filed.chmod(0o600)
    weights = {name: 10 if name == "creates" else 1 for name in STEPS}
    mix = ", ".join(f'"{name}" = {weight}' for name, weight in weights.items())
    text = HEAD.replace("URL", echo.url).replace("MIX", f"mix = {{ {mix} }}")
    for name, step in STEPS.items():
        text += f'[[workflows."{name}"]]\nname = "{name}"\n{step}\n'
    return wedload.plan(text)


@pytest.fixture
def inside(wedload, monkeypatch, capfd):
    """Runs a command in this process, which is faster by a start: exit code, stdout and stderr."""
    monkeypatch.chdir(wedload.folder)
    monkeypatch.setattr(tempfile, "tempdir", str(wedload.temporary))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def command(*arguments: object) -> tuple[int, str, str]:
        KNOWN.forget()
        monkeypatch.setattr(sys, "argv", ["wedload", *map(str, arguments)])
        code = exit_with(commands)
        out, err = capfd.readouterr()
        return code, out, err

    yield command
    KNOWN.forget()


@pytest.fixture
def nowhere(wedload):
    """Asserts that no canary is in what commands said, nor in any file."""

    def look(*said: str) -> None:
        texts = {f"output {number}": text for number, text in enumerate(said)}
        texts |= written(wedload.folder, wedload.temporary, but=[_FILE])
        script = plotly_script()  # 4 MB that nothing of a run is in
        texts = {where: text.replace(script, "") for where, text in texts.items()}
        assert leaks(texts, CANARIES) == []

    return look


def test_canaries_are_sent_and_nowhere_after_every_failure_and_in_every_report(
    wedload, echo, plan, nowhere, inside
):
    done = wedload(
        "run", plan, "--once", "-o", "r.json", "--report", "r.html", "--junit", "r.xml",
        "--csv", "/dev/full", "--markdown", "r.md", "--tag", f"build={OF_FILE}",
        "--tag", f"{OF_ENVIRONMENT}=x", env=SECRETS,
    )  # fmt: skip

    assert done.code == 1, done.err  # as what was created could not be deleted
    failures = {one["message"].partition(":")[0] for one in done.result["failures"]}
    assert len(failures) > 15, failures  # many kinds of them were explained
    heard = " ".join(echo.heard)
    assert all(canary in heard for canary in (OF_ENVIRONMENT, ISSUED))  # and were sent all the same
    said = [done.out, done.err]
    for command in (
        ("report", "r.json", "-o", "again.html", "--junit", "again.xml"),
        ("compare", "r.json", "r.json"), ("compare", "r.json", "r.json", "--format", "json"),
        ("history", "."), ("schema",), ("check", plan),
    ):  # fmt: skip
        _, out, err = inside(*command)
        assert out + err, command
        said += [out, err]
    nowhere(*said)


@pytest.mark.parametrize("kind", ["coordinator", "worker", "stderr", "disk"])
def test_canaries_are_nowhere_after_a_defect_and_on_a_full_disk(
    wedload, plan, nowhere, tmp_path, kind
):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(DEFECT)
    path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])

    full = ("prlimit", "--fsize=2000:2000") if kind == "disk" else ()
    env = {**SECRETS, "PYTHONPATH": path, "DEFECT": kind}
    done = wedload("run", plan, env=env, under=full)

    said = "File too large" if kind == "disk" else "broken: "
    assert said in done.err + str(written(wedload.temporary)), done.err
    nowhere(done.out, done.err)


def test_canaries_are_nowhere_while_a_run_is_steered_and_when_it_is_killed(wedload, plan, nowhere):
    run = wedload.start("run", plan, "--workers", "2", "--no-live", env=SECRETS)
    run.under_load(1.0)
    status = wedload("ctl", "status", env=SECRETS)
    odd = wedload("ctl", "scale", "3", "--scenario", OF_ENVIRONMENT, env=SECRETS)
    run.descendants_with("wedload.fleet.worker")[-1].send_signal(signal.SIGKILL)
    run.wait_for("lost")
    partial = written(wedload.folder, but=[_FILE, "plan.toml"])
    assert any(name.endswith(".partial") for name in partial), list(partial)
    run.signal(signal.SIGINT)
    done = run.wait()

    assert "canary" in status.out
    assert done.code in {3, 130}
    nowhere(status.out, status.err, odd.out, odd.err, done.out, done.err, json.dumps(partial))


def test_canaries_are_nowhere_in_what_is_left_of_a_run_and_when_it_is_cleaned_up(
    wedload, echo, plan, nowhere, inside
):
    run = wedload.start("run", plan, "--no-live", env=SECRETS)
    # of two virtual users one has had the answer to what it created by then
    run.wait_until(lambda: sum(one.startswith("/fine {") for one in echo.heard) > 2, "it creates")
    run.signal(signal.SIGKILL)
    killed = run.wait()
    left = written(wedload.folder, but=[_FILE, "plan.toml", "stdout", "stderr"])
    assert any("/journal/" in path for path in left), list(left)
    (partial,) = [path for path in left if path.endswith(".partial")]

    commands = [("report", partial, "-o", "left.html"), ("cleanup", "--list"), ("cleanup",)]
    said = [text for command in commands for text in inside(*command)[1:]]

    assert "status 401" in " ".join(said)  # why it could not be deleted
    nowhere(killed.out, killed.err, json.dumps(left), *said)


def test_canaries_are_nowhere_after_wrong_arguments_and_plans(wedload, plan, nowhere, inside):
    text = plan.read_text()
    wedload.plan(text.replace("vus = 2", 'vus = "x"'), "wrong.toml")
    wedload.plan(text.replace("filed.txt", "none.txt"), "missing.toml")
    commands = [
        ("run", plan, "--set", f"scenarios.main.vus={OF_ENVIRONMENT}"),
        ("run", plan, "--set", f"scenarios.main.vus={OF_FILE}"),
        ("run", plan, "--set", f"{OF_FILE}=1"),
        ("run", plan, "--set", f"targets.here.base_url=http://{OF_ENVIRONMENT}/"),
        ("run", plan, "--target", OF_ENVIRONMENT),
        ("run", plan, "--stage", OF_ENVIRONMENT),
        ("run", plan, "--workers", OF_FILE),
        ("run", "wrong.toml", "--set", f"name={OF_FILE}", "--set", f"http.timeout={OF_FILE}"),
        ("run", "missing.toml"),
        ("check", plan, "--set", f"workflows.fine={OF_FILE}"),
        ("simulate", plan, "--set", f"http.timeout={OF_ENVIRONMENT}"),
        ("report", f"{OF_ENVIRONMENT}.json"), ("compare", OF_ENVIRONMENT, OF_ENVIRONMENT),
        ("prove", OF_ENVIRONMENT), ("prove", f"{OF_ENVIRONMENT}.example"),
        ("ctl", "status", OF_ENVIRONMENT), ("ctl", "stop", OF_ENVIRONMENT),
        ("history", OF_ENVIRONMENT), ("run", plan, "--tag", OF_ENVIRONMENT),
        (OF_ENVIRONMENT,), ("run", plan, OF_ENVIRONMENT), ("run", f"{OF_ENVIRONMENT}.toml"),
    ]  # fmt: skip
    said = []
    for command in commands:
        code, out, err = inside(*command)
        assert (code in {2, 4}, err != "", "Traceback" in err) == (True, True, False), command
        said += [out, err]
    nowhere(*said)


def test_canaries_are_nowhere_when_a_channel_cannot_be_joined(wedload, plan, echo, nowhere):
    channel = """
[channels.status]
realtime = "supabase"
url = "/refused?key=${env.WEDLOAD_CANARY}"
topic = "realtime:${secrets.filed}"
access_token = "${secrets.filed}"
headers = { Authorization = "Bearer ${env.WEDLOAD_CANARY}" }
key = "json.id"
[[workflows.fine]]
await = { channel = "status", key = "17", within = "1s" }
"""
    heard = len(echo.heard)

    done = wedload("run", wedload.plan(plan.read_text() + channel), "--once", env=SECRETS)

    assert done.code == 4, done.err
    assert "channel status: " in done.err
    assert OF_ENVIRONMENT in " ".join(echo.heard[heard:])
    nowhere(done.out, done.err)


def test_search_for_canaries_finds_them_in_every_encoding():
    """The suite's own search is no search that finds nothing."""
    from tests.helpers.canaries import encodings  # noqa: PLC0415 - of this test alone

    for canary in CANARIES:
        for how, form in encodings(canary).items():
            assert leaks({"a file": f"before {form} behind"}, [canary]) != [], how
    assert leaks({"a file": OF_FILE[3:15]}, [OF_FILE]) != []
    assert leaks({"a file": "a cAn4ry sings"}, CANARIES) == []
