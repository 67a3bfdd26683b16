"""The shipped plan of searches (`plans/database.toml`), in small, on a real PostgreSQL."""

from __future__ import annotations

import pytest

from tests.helpers.small_runs import outcomes, run_small

SMALL = [
    "scenarios.couples.stages[0].target=40/s", "scenarios.couples.stages[1].target=40/s",
    "databases.catalogue.pool=2",
]  # fmt: skip


@pytest.fixture
def result(cluster, monkeypatch):
    """The sandbox and the plan's own queries share a database."""
    dsn = cluster.new_database()
    monkeypatch.setenv("WEDLOAD_PG_DSN", dsn)
    monkeypatch.setenv("WEDLOAD_SANDBOX_DSN", dsn)
    monkeypatch.setenv("WEDLOAD_SANDBOX_SUPPLIERS", "1000")
    return run_small("database.toml", time_scale=0.02, overrides=SMALL)


def test_searches_at_the_endpoint_and_as_sql_find_as_much_and_are_explained(result):
    steps = outcomes(result)
    searches = result["metrics"]["iterations"]["count"]
    assert searches > 0
    assert steps["search at the endpoint"] == {"ok": searches}
    assert steps["search as SQL"] == {"ok": searches}
    failed = {one["check"]: one["failed"] for one in result["checks"]}
    assert failed["both find as many"] == 0
    rows = {row["name"] for row in result["benchmarks"]}
    assert {"Complex supplier search", "Complex supplier search, as SQL"} <= rows
    (explained,) = result["explained"]
    assert explained["problem"] is None
    assert explained["culprit"]["self_ms"] > 0
