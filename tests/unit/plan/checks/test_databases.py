"""Databases and `sql` steps of a plan: what is wrong with them, each with its line and a remedy."""

from __future__ import annotations

import pytest

from tests.helpers.plans import SMALLEST
from wedload.errors import PlanError
from wedload.plan.loader import parse_plan

DATABASE = '[databases.shop]\ndsn = "sqlite:///shop.db"\n'


def step(*lines):
    return "[[workflows.visit]]\n" + "\n".join(lines) + "\n"


def load(text, tmp_path):
    return parse_plan(text, file="p.toml", base=tmp_path)


WRONG = [
    (step('sql = "SELECT 1"'), "sql: the plan has no database | write [databases.NAME]"),
    (DATABASE + step('sql = "SELECT 1"', 'database = "shp"'), "did you mean shop?"),
    (
        DATABASE + DATABASE.replace("shop]", "other]") + step('sql = "SELECT 1"'),
        'the plan has 2 databases: shop, other | say which: database = "shop"',
    ),
    (
        DATABASE + step('sql = "SELECT ${vu}"'),
        'what is put into its text may be read as SQL; write $1, and params = ["${…}"]',
    ),
    (DATABASE + step('sql = "BEGIN"'), "BEGIN is about a connection"),
    (DATABASE + step('sql = "SELECT 1; SELECT 2"'), "several statements"),
    (DATABASE + step('sql = "-- nothing"'), "it holds no statement"),
    (DATABASE + step('sql = "SELECT $2"', "params = [1]"), "has $2, and params has 1 values"),
    (DATABASE + step('sql = "SELECT $0"'), "parameters are counted from $1"),
    (
        DATABASE + step('sql = "SELECT ?"', "params = [1]"),
        "the statement has no $1 | parameters are written $1, $2 …, and not ?",
    ),
    (
        DATABASE + step('sql = "DELETE FROM a"', 'explain = "slowest"'),
        "DELETE changes something: to explain it, it would be run again",
    ),
    (
        DATABASE + step('sql = "SELECT 1"', 'check = ["status == 200"]'),
        "`status` belongs to a response, and this step has rows | known: duration, row_count, rows",
    ),
    (
        DATABASE + step('sql = "SELECT 1"', 'check = ["zzzz == 1"]'),
        "there is no variable `zzzz` here | known: duration, row_count, rows",
    ),
    (
        step('http = "GET /b"', 'check = ["row_count == 1"]'),
        "`row_count` is of the rows of a `sql` step, and this is none",
    ),
    ('[databases.shop]\npool = 0\ndsn = "sqlite:///a.db"\n', "is 0; it must be from 1 to 1,000"),
    ("[databases.shop]\npool = 2\n", "`dsn` is missing | write dsn ="),
    (
        '[variables]\na = 1\n[databases.shop]\ndsn = "postgresql://u@${a}/d"\n',
        "`a` is not known when databases are connected to | it can read ${env.WEDLOAD_…}",
    ),
    (DATABASE + step('sql = "SELECT 1"', 'explain = "all"'), '"all" is not known here'),
    (DATABASE + step('sql = "SELECT 1"', 'databse = "shop"'), "did you mean database?"),
]


@pytest.mark.parametrize(("more", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_remedy(more, said, tmp_path):
    with pytest.raises(PlanError) as error:
        load(SMALLEST + more, tmp_path)
    (problem,) = error.value.problems
    assert problem.line > 0
    assert said in f"{problem.message} | {problem.hint}", problem


def test_a_step_for_the_only_database_need_not_name_it(tmp_path):
    lines = ['sql = "SELECT $1"', 'params = ["${vu}"]', 'capture = { n = "rows[0].a" }']
    plan = load(SMALLEST + DATABASE + step(*lines), tmp_path).plan
    assert plan.workflows["visit"][1].database_in(plan) == "shop"


def test_where_a_database_is_makes_no_other_load(tmp_path):
    plan = SMALLEST + DATABASE + step('sql = "SELECT 1"')
    one = load(plan, tmp_path)
    other = load(plan.replace("shop.db", "other.db"), tmp_path)
    larger = load(plan.replace("dsn", "pool = 20\ndsn"), tmp_path)
    assert one.load_digest == other.load_digest
    assert one.digest != other.digest
    assert one.load_digest != larger.load_digest
