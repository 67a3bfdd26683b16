"""What `wedload check` says of databases: where, how many connections, who asks."""

from __future__ import annotations

from tests.helpers.plans import SMALLEST
from tests.helpers.tables import widths
from wedload.plan.loader import parse_plan
from wedload.report.explain_databases import database_table

PLAN = (
    SMALLEST
    + """
[databases.catalogue]
dsn = "postgresql://load:${env.WEDLOAD_PW}@127.0.0.1:5432/catalogue?sslmode=disable"
pool = 20
timeout = "2s"
[databases.other]
dsn = "${env.WEDLOAD_DSN}"
[[workflows.visit]]
name = "by name"
sql = "SELECT 1"
database = "catalogue"
explain = "slowest"
[[workflows.visit]]
name = "by city"
sql = "SELECT 2"
database = "catalogue"
"""
)


def test_each_database_is_shown_with_its_address_its_pool_and_who_asks_it(console, tmp_path):
    console.print(database_table(parse_plan(PLAN, file="p.toml", base=tmp_path).plan))
    text = console.export_text()
    assert max(widths(text)) <= 80
    said = " ".join(text.split())
    assert "catalogue 20 a process 2s" in said
    assert "2 sql steps, explained after the load: by name" in said
    assert "other 10 a process 10s ${env.WEDLOAD_DSN}, which a run reads no step asks it" in said
    assert "sslmode" not in said
