"""`sql` steps in whole runs, on PostgreSQL and SQLite: figures with known answers, and secrets."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import pytest

from tests.helpers.canaries import leaks
from tests.helpers.small_runs import outcomes

SLEEP_MS, ITERATIONS, VUS = 50, 6, 3
HEAD = """\
schema = 1
name = "queries"
[targets.local]
base_url = "{url}"
[databases.shop]
dsn = "${{env.WEDLOAD_DSN}}"
pool = {pool}
[scenarios.main]
executor = "per-vu-iterations"
vus = {vus}
iterations = {iterations}
workflow = "search"
"""
STEPS = f"""\
[[setup]]
name = "make a table"
sql = "CREATE TABLE made (id int PRIMARY KEY, of_run text)"
[[setup]]
name = "fill it"
sql = "INSERT INTO made SELECT id, $1 FROM suppliers WHERE id <= 10"
params = ["${{run.id}}"]
capture = {{ filled = "row_count" }}
[[workflows.search]]
name = "sleep"
sql = "SELECT pg_sleep($1), $2 AS filled"
params = [{SLEEP_MS / 1000}, "${{filled}}"]
[workflows.search.check]
"one row" = "row_count == 1"
"as set" = "rows[0].filled == '10'"
"slept" = "duration >= {SLEEP_MS}ms"
[[workflows.search]]
name = "by name"
sql = "SELECT id, name FROM suppliers WHERE name = $1"
params = ["name ${{vu}}"]
explain = "slowest"
check = {{ "found" = "rows[0].id == vu" }}
capture = {{ id = "rows[0].id" }}
[[workflows.search]]
name = "again"
sql = "INSERT INTO made (id) VALUES ($1)"
params = ["${{id}}"]
[[workflows.search]]
name = "too long"
sql = "SELECT pg_sleep(600), 'too long'"
timeout = "60ms"
check = {{ "in vain" = "row_count >= 0" }}
[[teardown]]
name = "drop it"
sql = "DROP TABLE made"
[benchmarks]
"Sleeps" = "sql_query_duration{{step=sleep}}: min >= {SLEEP_MS}ms"
"Waits" = "sql_pool_wait{{step=sleep}}: max >= 1ms"
"Rows" = "sql_rows{{step='by name'}}: max == 1"
"Failures" = "sql_failed: rate <= 50%"
"Number" = "sql_queries: count == {4 * VUS * ITERATIONS}"
"""
CANARY = "Tw3nty.Canaries@sing/at%20dawn"
QUOTED = "Tw3nty.Canaries%40sing%2Fat%2520dawn"


@pytest.fixture(scope="module")
def listening():
    """A target that answers nothing: load goes to the database alone."""
    import socket  # noqa: PLC0415 - of this fixture alone

    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def result(run_text, shop, listening):
    """A run with one connection for three virtual users, by a dsn with a password."""
    plan = HEAD.format(url=listening, pool=1, vus=VUS, iterations=ITERATIONS) + STEPS
    dsn = shop.replace("postgres@", f"postgres:{QUOTED}@")
    return run_text(plan, WEDLOAD_DSN=dsn)


def test_outcomes_are_what_the_database_said(result):
    every = VUS * ITERATIONS
    found = {name: one for name, one in outcomes(result).items() if name in STEPS}
    too_long = found.pop("too long")  # who waits for its connection is out of time as well
    assert too_long["timeout"] > 0
    assert too_long["timeout"] + too_long.get("pool_timeout", 0) == sum(too_long.values()) == every
    assert found == {
        "make a table": {"ok": 1},
        "fill it": {"ok": 1},
        "sleep": {"ok": every},
        "by name": {"ok": every},
        "again": {"constraint": every},
        "drop it": {"ok": 1},
    }


def test_rows_of_sql_are_judged_with_known_answers(result):
    found = {row["name"]: (row["status"], row["observed"]) for row in result["benchmarks"]}
    assert found["Sleeps"][0] == "met"
    assert found["Waits"][0] == "met"
    assert found["Rows"] == ("met", 1)
    assert found["Failures"] == ("met", 0.5)
    assert found["Number"] == ("met", 4 * VUS * ITERATIONS)


def test_a_duration_is_the_query_and_the_wait_for_the_pool_is_apart(result):
    """Three virtual users take turns on one connection: who comes last waits for two sleeps."""
    (step,) = [one for one in result["steps"] if one["step"] == "sleep"]
    duration, wait = step["metrics"]["sql_query_duration"], step["metrics"]["sql_pool_wait"]
    assert duration["count"] == wait["count"] == VUS * ITERATIONS
    assert duration["min"] >= SLEEP_MS
    assert wait["max"] >= SLEEP_MS
    assert step["metrics"]["response_time"]["max"] >= wait["max"]


def test_a_time_out_is_recorded_with_its_full_wait(result):
    (step,) = [one for one in result["steps"] if one["step"] == "too long"]
    metrics = step["metrics"]
    in_time = metrics["sql_query_duration"]["min"] + metrics["sql_pool_wait"]["max"]
    assert in_time >= 59  # a loop's timers count milliseconds


def test_checks_read_rows_and_hold_only_for_what_was_answered(result):
    failed = {one["check"]: (one["passed"], one["failed"]) for one in result["checks"]}
    every = VUS * ITERATIONS
    assert failed == {
        "one row": (every, 0), "as set": (every, 0), "slept": (every, 0), "found": (every, 0),
        "in vain": (0, every),
    }  # fmt: skip


def test_the_slowest_query_is_explained_with_its_culprit(result):
    (explained,) = result["explained"]
    assert explained["step"] == "by name"
    assert explained["problem"] is None
    assert explained["parameters"][0] in {f"name {vu}" for vu in range(1, VUS + 1)}
    (step,) = [one for one in result["steps"] if one["step"] == "by name"]
    slowest = step["metrics"]["sql_query_duration"]["max"]
    assert explained["duration_ms"] == pytest.approx(slowest, abs=0.001)
    culprit = explained["culprit"]
    assert (culprit["kind"], culprit["relation"]) == ("Seq Scan", "suppliers")
    assert culprit["removed"] == 19_999
    assert explained["plan"][0]["Plan"]["Node Type"] == "Seq Scan"


def test_the_password_of_a_dsn_is_nowhere_in_a_result(result):
    assert leaks({"result": json.dumps(result)}, [CANARY]) == []


def test_queries_that_are_cut_off_are_counted_apart_and_end_at_the_server(
    run_text, shop, listening, cut_off
):
    plan = HEAD.format(url=listening, pool=2, vus=2, iterations=1).replace(
        "iterations = 1", 'iterations = 1\nmax_duration = "200ms"\ngraceful_stop = "0s"'
    )
    sleeps = """SELECT pg_sleep(600), 'cut off'"""
    steps = f'[[workflows.search]]\nname = "long"\nsql = "{sleeps}"\ntimeout = "10m"\n'
    result = run_text(plan + steps, WEDLOAD_DSN=shop)
    assert result["metrics"]["sql_interrupted"]["count"] == 2
    assert "sql_queries" not in result["metrics"] or not result["metrics"]["sql_queries"]["count"]
    asyncio.run(cut_off("cut off"))


# --- SQLite -----------------------------------------------------------------------------------

ON_SQLITE = """\
[[workflows.search]]
name = "by name"
sql = "SELECT id FROM suppliers WHERE name = $1"
params = ["name ${vu}"]
explain = "slowest"
capture = { id = "rows[0].id" }
[[workflows.search]]
name = "again"
sql = "INSERT INTO suppliers (id) VALUES ($1)"
params = ["${id}"]
[[workflows.search]]
name = "wrong"
sql = "SELEC 1"
[[workflows.search]]
name = "elsewhere"
sql = "VACUUM INTO 'copy.db'"
[[workflows.search]]
name = "too long"
sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
timeout = "20ms"
"""


def test_steps_on_sqlite_and_what_its_plan_says(run_text, listening, tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as made:
        made.execute("CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT)")
        rows = ((number, f"name {number}") for number in range(1, 1001))
        made.executemany("INSERT INTO suppliers VALUES (?, ?)", rows)
    made.close()
    plan = HEAD.format(url=listening, pool=2, vus=2, iterations=2) + ON_SQLITE
    result = run_text(plan, tmp_path, WEDLOAD_DSN="sqlite:///shop.db")
    assert outcomes(result) == {
        "by name": {"ok": 4}, "again": {"constraint": 4}, "wrong": {"syntax": 4},
        "elsewhere": {"permission": 4}, "too long": {"timeout": 4},
    }  # fmt: skip
    (explained,) = result["explained"]
    assert explained["culprit"]["relation"] == "suppliers"
    assert explained["plan"][0]["detail"] == "SCAN suppliers"
    assert [one.name for one in tmp_path.iterdir()] == ["shop.db"]


EXHAUSTED = """\
[scenarios.waiting]
executor = "per-vu-iterations"
vus = 1
iterations = 8
workflow = "short"
[[workflows.search]]
name = "long"
sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
timeout = "1s"
[[workflows.short]]
name = "short"
sql = "SELECT 1"
timeout = "50ms"
"""


def test_who_waited_in_vain_for_the_pool_is_among_those_who_waited(run_text, listening, tmp_path):
    sqlite3.connect(tmp_path / "shop.db").close()
    plan = HEAD.format(url=listening, pool=1, vus=1, iterations=1) + EXHAUSTED
    result = run_text(plan, tmp_path, WEDLOAD_DSN="sqlite:///shop.db")
    ended = outcomes(result)["short"]
    assert ended["pool_timeout"] > 0
    (step,) = [one for one in result["steps"] if one["step"] == "short"]
    waits = step["metrics"]["sql_pool_wait"]
    assert waits["count"] == sum(ended.values()) == 8
    assert waits["max"] >= 49  # a loop's timers count milliseconds
