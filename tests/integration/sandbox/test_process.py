"""The process: start, announcement, stop, exit codes, what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from wedload.sandbox.temporary import PREFIX, remove_abandoned, temporary_directory

DEADLINE_S = 60


@pytest.fixture
def clean_env(tmp_path):
    """An environment with sign-in keys and an empty temporary directory."""
    (tmp_path / "tmp").mkdir()
    return {
        **os.environ,
        "TMPDIR": str(tmp_path / "tmp"),
        "WEDLOAD_SUPPLIER_KEY": "s",
        "WEDLOAD_COUPLE_KEY": "c",
    }


def leftovers(env):
    return list(Path(env["TMPDIR"]).iterdir())


def fails(*args, **changes):
    """Runs a server that cannot start: its exit code and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "wedload.sandbox", *args],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=DEADLINE_S,
        check=False,
        env={**os.environ, **changes},
    )
    assert done.stdout == b""
    return done.returncode, done.stderr.decode()


def gone(pid):
    """Ended; where nobody reaps orphans, a zombie has ended too."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_one_json_line_says_when_it_is_ready(start, visit, clean_env):
    server = start(env=clean_env)
    assert server.ready.keys() == {"event", "url", "pid", "started_in_s"}
    assert server.ready["event"] == "ready"
    assert server.ready["pid"] == server.process.pid
    assert server.ready["started_in_s"] > 0
    assert server.url.startswith("http://127.0.0.1:")
    assert (await visit(server).get("/healthz")).status == 200
    assert server.stop() == 0
    assert (server.more_output, server.errors) == ("", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_stops_it_cleanly(start, clean_env, number):
    server = start(env=clean_env)
    assert [path.name.startswith(PREFIX) for path in leftovers(clean_env)] == [True]
    server.signal(number)
    assert server.wait() == 0
    assert server.errors == ""
    assert leftovers(clean_env) == []


@pytest.mark.parametrize("delay_s", [0.05, 0.2, 0.35, 0.5])
def test_stop_during_start_leaves_nothing_behind(clean_env, delay_s):
    process = subprocess.Popen(
        [sys.executable, "-m", "wedload.sandbox", "--suppliers", "50000"],
        env=clean_env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(delay_s)
    process.terminate()
    _, errors = process.communicate(timeout=DEADLINE_S)
    assert process.returncode in {0, -signal.SIGTERM}
    assert errors == b""
    assert leftovers(clean_env) == []


async def test_managed_server_ignores_sigint(start, visit, clean_env):
    server = start("--managed", env=clean_env)
    server.signal(signal.SIGINT)
    await asyncio.sleep(0.1)
    assert (await visit(server).get("/healthz")).status == 200
    assert server.stop() == 0


def test_managed_server_stops_when_its_stdin_ends(start, clean_env):
    server = start("--managed", env=clean_env)
    server.process.stdin.close()
    assert server.process.wait(DEADLINE_S) == 0
    assert leftovers(clean_env) == []
    server.kill()


def test_unmanaged_server_outlives_its_stdin(start, clean_env):
    server = start(env=clean_env)
    server.process.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        server.process.wait(0.3)


PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-m", "wedload.sandbox", "--managed"], stdin=subprocess.PIPE)
time.sleep(600)
"""


def test_managed_server_stops_when_its_parent_is_killed(clean_env):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            PARENT,
        ],
        stdout=subprocess.PIPE,
        env=clean_env,
    )
    with parent.stdout:
        ready = json.loads(parent.stdout.readline())
        assert not gone(ready["pid"])
        parent.kill()
        parent.wait(DEADLINE_S)
        wait_until(lambda: gone(ready["pid"]))
    assert leftovers(clean_env) == []


async def test_requests_under_way_are_answered_before_it_ends(start, visit, clean_env):
    server = start("--rate-limit", "0", env=clean_env)
    visitor = visit(server)
    answer = await visitor.post("/api/auth/supplier", {"email": "a@example.com", "key": "s"})
    headers = {"Authorization": f"Bearer {answer.body['token']}"}
    body = {"title": "T", "fields": [{"name": "a", "label": "A", "type": "text", "required": True}]}
    # One connection first, so that none of those below is refused for coming late.
    requests = [
        asyncio.ensure_future(visitor.post("/api/forms/intake", body, headers=headers))
        for _ in range(20)
    ]
    await asyncio.wait(requests, return_when=asyncio.FIRST_COMPLETED)
    server.signal(signal.SIGTERM)
    answers = await asyncio.gather(*requests, return_exceptions=True)
    assert {a.status for a in answers if not isinstance(a, Exception)} == {201}
    assert server.wait() == 0
    assert server.errors == ""


def test_next_server_removes_what_a_killed_one_left(start, clean_env):
    killed = start(env=clean_env)
    killed.kill()
    assert len(leftovers(clean_env)) == 1
    alive = start(env=clean_env)
    assert len(leftovers(clean_env)) == 1
    start(env=clean_env)
    assert len(leftovers(clean_env)) == 2  # the one that is alive was left alone
    assert alive.process.poll() is None


def test_only_abandoned_directories_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"{PREFIX}new").mkdir()
    (tmp_path / f"{PREFIX}old").mkdir()
    os.utime(tmp_path / f"{PREFIX}old", (0, 0))
    (tmp_path / "unrelated").mkdir()
    with temporary_directory() as mine:
        remove_abandoned(tmp_path)
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {mine.name, f"{PREFIX}new", "unrelated"}


def test_made_up_keys_are_printed_as_lines_to_paste(start, clean_env):
    clean_env["WEDLOAD_SUPPLIER_KEY"] = ""
    del clean_env["WEDLOAD_COUPLE_KEY"]
    server = start(env=clean_env)
    server.stop()
    lines = server.errors.splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "export WEDLOAD_SUPPLIER_KEY",
        "export WEDLOAD_COUPLE_KEY",
    ]
    assert all(len(line.partition("=")[2]) >= 32 for line in lines)


def test_managed_server_prints_no_key(start, clean_env):
    del clean_env["WEDLOAD_COUPLE_KEY"]
    server = start("--managed", env=clean_env)
    server.stop()
    assert server.errors == ""


async def test_printed_key_signs_in(start, visit, clean_env):
    del clean_env["WEDLOAD_COUPLE_KEY"]
    server = start(env=clean_env)
    key = server.process.stderr.readline().decode().strip().partition("=")[2]
    body = {"email": "a@example.com", "key": key}
    assert (await visit(server).post("/api/auth/couple", body)).status == 200


def assert_plain(code, errors, *parts):
    assert code == 4
    assert errors.count("\n") == 1, errors
    for part in parts:
        assert part in errors


def test_port_in_use_is_said_in_one_line(clean_env):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_plain(*fails("--port", port, **clean_env), port, "in use", "--port 0")
    assert leftovers(clean_env) == []


def test_address_of_another_machine_is_said_in_one_line():
    assert_plain(*fails("--host", "192.0.2.1"), "192.0.2.1", "address of this machine")
    assert_plain(*fails("--host", "no.such.host.invalid"), "no.such.host.invalid")


@pytest.mark.parametrize(
    "dsn", ["mysql://u:secret@h/d", "nonsense", "", "sqlite://x", "sqlite:///"]
)
def test_dsn_that_makes_no_sense_is_said_in_one_line(dsn):
    code, errors = fails("--dsn", dsn)
    assert_plain(code, errors, "sqlite:///")
    assert "secret" not in errors


def test_sqlite_file_that_cannot_be_used_is_said_in_one_line(tmp_path):
    assert_plain(*fails("--dsn", f"sqlite:///{tmp_path}/no/such.db"), "such.db", "directory")
    assert_plain(*fails("--dsn", f"sqlite:///{tmp_path}"), "cannot use", "path of a new file")
    (tmp_path / "text").write_text("This is no database, it is a letter to my aunt.")
    assert_plain(*fails("--dsn", f"sqlite:///{tmp_path}/text"), "no SQLite database")


def test_sqlite_file_of_something_else_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "shop.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE suppliers (id INTEGER)")
    connection.close()
    before = file.read_bytes()
    assert_plain(*fails("--dsn", f"sqlite:///{file}"), "something else", "new file")
    assert file.read_bytes() == before


def test_database_of_another_version_is_refused(tmp_path):
    file = tmp_path / "old.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE sandbox_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    connection.execute("INSERT INTO sandbox_meta VALUES ('version', '0')")
    connection.commit()
    connection.close()
    assert_plain(*fails("--dsn", f"sqlite:///{file}"), "another version", "empty one")


def test_unreachable_postgresql_is_said_in_one_line_without_the_password():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        dsn = f"postgresql://user:hunter2@127.0.0.1:{port}/db"
        code, errors = fails("--dsn", dsn)
    assert_plain(code, errors, f"127.0.0.1:{port}/db", "check that it runs")
    assert "hunter2" not in errors


def test_missing_postgresql_database_is_said_in_one_line(cluster):
    dsn = cluster.new_database().replace("/tests_", "/missing_")
    assert_plain(*fails("--dsn", dsn), "does not exist", "--dsn")


def test_missing_asyncpg_is_said_with_its_remedy(tmp_path):
    (tmp_path / "asyncpg.py").write_text("raise ImportError('no asyncpg')")
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    assert_plain(*fails("--dsn", "postgresql://h/d", PYTHONPATH=path), "wedload[postgres]")


@pytest.mark.parametrize(
    "args",
    [["--port", "x"], ["--port", "65536"], ["--suppliers", "-1"], ["--rate-limit", "nan"], ["--x"]],
)
def test_wrong_arguments_are_explained_with_exit_code_2(args):
    code, errors = fails(*args)
    assert code == 2
    assert "usage:" in errors


async def test_postgresql_keeps_its_data(start, visit, cluster):
    dsn = cluster.new_database()
    first = start("--dsn", dsn)
    await (await visit(first).sign_in("supplier", "keep@example.com")).create_form()
    assert first.stop() == 0
    visitor = visit(start("--dsn", dsn))
    assert (await visitor.get("/_sandbox/counts")).body["rows"]["forms"] == 1


async def test_file_keeps_its_data_and_gets_another_catalogue_when_asked(start, visit, tmp_path):
    arguments = ("--dsn", f"sqlite:///{tmp_path / 'kept.db'}")
    totals = []
    for suppliers in ("100", "100", "250", "0"):
        server = start(*arguments, "--suppliers", suppliers)
        supplier = await visit(server).sign_in("supplier", "keep@example.com")
        await supplier.create_form()
        found = (await supplier.get("/api/suppliers/search")).body
        by_text = (await supplier.get("/api/suppliers/search?q=style")).body
        assert found["total"] == by_text["total"]
        forms = (await supplier.get("/api/suppliers/dashboard")).body["counts"]["forms"]
        totals.append((found["total"], forms))
        assert server.stop() == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.db"]
    assert totals == [(100, 1), (100, 2), (250, 3), (0, 4)]


async def test_postgresql_gets_another_catalogue_when_asked(start, visit, cluster):
    dsn = cluster.new_database()
    for suppliers in (100, 250):
        server = start("--dsn", dsn, "--suppliers", str(suppliers))
        supplier = await visit(server).sign_in("supplier")
        assert (await supplier.get("/api/suppliers/search?q=style")).body["total"] == suppliers
        assert server.stop() == 0


def test_two_servers_may_start_on_one_postgresql_at_once(cluster):
    dsn = cluster.new_database()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "wedload.sandbox", "--dsn", dsn],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    try:
        for process in processes:
            assert json.loads(process.stdout.readline())["event"] == "ready"
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=DEADLINE_S)
    assert [process.returncode for process in processes] == [0, 0]


async def test_lost_database_is_503_and_the_server_lives_on(start, visit, cluster):
    dsn = cluster.new_database()
    server = start("--dsn", dsn)
    supplier = await visit(server).sign_in("supplier")
    name = dsn.partition("@/")[2].partition("?")[0]
    cluster.drop_connections(name)
    answers = [await supplier.get("/api/suppliers/dashboard") for _ in range(20)]
    assert {answer.status for answer in answers} <= {200, 503}
    assert answers[-1].status == 200
    assert server.stop() == 0
    assert "Traceback" not in server.errors


def test_main_can_be_called_from_a_program():
    program = (
        "import sys\n"
        "from wedload.sandbox.__main__ import main\n"
        "code = main(['--port', '0', '--suppliers', '10'])\n"
        "assert main(['--dsn', 'nonsense']) == 4\n"
        "assert main(['--port', 'x']) == 2\n"
        "sys.exit(code)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        ready = json.loads(process.stdout.readline())
        process.terminate()
        _, errors = process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 0, errors
    assert ready["event"] == "ready"
