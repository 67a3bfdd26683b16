"""Every kind of mistake about resources: the line that is named, and what is said about it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from wedload.errors import PlanError
from wedload.units import NS_PER_S

WITH_RESOURCES = """\
schema = 1
name = "shop"
[targets.sandbox]
sandbox = true
[scenarios.visitors]
executor = "ramping-vus"
stages = [{ name = "peak", duration = "10s", target = 5 }]
workflow = "visit"
[[workflows.visit]]
http = "GET /"
[resources]
prometheus = "http://127.0.0.1:9090"
every = "1s"
[resources.queries]
"api" = "process: sandbox"
"db cpu" = "prometheus: up"
"db" = "postgres: ${env.WEDLOAD_DSN}"
[benchmarks]
"cpu" = "resource_cpu{resource=api, stage=peak}: max < 80%"
"""
API, ROW = '"process: sandbox"', "resource_cpu{resource=api, stage=peak}: max < 80%"
# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("kind_misspelt", API, '"proces: sandbox"', 15, "resources.queries.api: there is no kind of resource 'proces'; did you mean process?"),
    ("not_a_text", API, "4242", 15, "resources.queries.api: "),
    ("name_of_the_machine", '"api" =', '"machine" = "process: a"\n"api" =', 15, "the machine itself is always sampled under this name"),
    ("key_misspelt", "every =", "evry =", 13, "resources.evry: there is no key `evry` here | did you mean every?"),
    ("every_too_often", '"1s"', '"500ms"', 13, "resources.every: 500ms is not a number of whole seconds up to 60"),
    ("every_too_seldom", '"1s"', '"2m"', 13, "resources.every: 2m is not a number of whole seconds up to 60"),
    ("no_address_of_prometheus", '"http://127.0.0.1:9090"', '"localhost:9090"', 12, "is no URL; write \"http://127.0.0.1:9090\""),
    ("password_in_clear", "http://127.0.0.1", "http://a:b@127.0.0.1", 12, "a password does not belong into a plan"),
    ("prometheus_is_nowhere", 'prometheus = "http://127.0.0.1:9090"\n', "", 15, 'resources.queries."db cpu": nobody is told where Prometheus is'),
    ("no_such_database", "${env.WEDLOAD_DSN}", "shop", 17, 'resources.queries.db: there is no database "shop" | write [databases.shop]'),
    ("variable_not_to_be_read", "WEDLOAD_DSN", "HOME", 17, "the plan may not read the environment variable HOME"),
    ("row_of_no_resource", ROW, "resource_cpu: max < 80%", 19, "`resource_cpu` is of one resource, and this row tells none | write \"resource_cpu{resource='api'}: max < 80%\""),
    ("row_of_another_kind", ROW, "resource_cpu{resource='db cpu'}: max < 80%", 19, '`resource_cpu` never has resource "db cpu" in this plan | known: api, machine'),
    ("row_by_step", ROW, "resource_cpu{resource=api, step='GET /'}: max < 80%", 19, "`resource_cpu` has no step: a resource is used by all alike"),
    ("row_of_no_stage", ROW, "resource_cpu{resource=api, stage=peek}: max < 80%", 19, '`resource_cpu` never has stage "peek" in this plan | did you mean peak?'),
    ("row_without_a_unit", ROW, "resource_memory{resource=api}: max < 500", 19, "'500' is not a size; write 512kB or 64MB"),
    ("row_without_a_percent_sign", ROW, "resource_cpu{resource=api}: max < 2", 19, "'2' may mean 2 % or 200%; write one with its %"),
    ("row_of_a_sum", ROW, "resource_cpu{resource=api}: count < 2", 19, "resource_cpu is a gauge: count does not exist for it"),
    ("row_that_always_holds", ROW, "resource_cpu{resource=api}: max >= 0%", 19, "holds whatever happens"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, line, expected):
    assert WITH_RESOURCES.count(old) == 1

    (problem,) = problems(WITH_RESOURCES.replace(old, new))

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem


def test_a_plan_without_mistakes_is_loaded(load):
    resources = load(WITH_RESOURCES).plan.resources

    assert [name for name, _ in resources.queries] == ["api", "db cpu", "db"]
    assert resources.every == NS_PER_S


def test_the_sandbox_as_a_process_needs_a_sandbox(problems):
    (problem,) = problems(
        WITH_RESOURCES.replace("sandbox = true", 'base_url = "http://127.0.0.1:1"')
    )

    assert "its process is that of the sandbox, and no target of the plan is the sandbox" in problem


@pytest.mark.parametrize(
    "row",
    [
        "resource_memory{resource=machine}: p95 < 1.5GB",
        "resource_written{resource=api}: avg < 10MB/s",
        "resource_longest_transaction{resource=db}: max < 5s",
        "resource_commits{resource=db}: avg > 10/s",
        "resource_lock_waits{resource=db}: max == 0",
        "resource{resource='db cpu'}: last < 0.8",
        "resource_cpu{resource=api}: max < 350%",
        "resource_cpu_share{resource=machine}: med < 0.9",
    ],
)
def test_rows_of_each_unit_are_read(load, row):
    assert load(WITH_RESOURCES.replace(ROW, row)).plan.benchmarks["cpu"].source == row


@pytest.mark.parametrize("row", ["max < 80%", "min > 5%"])
def test_extremes_can_abort_a_load(load, row):
    assert load(aborting(row)).plan.benchmarks["cpu"].abort


@pytest.mark.parametrize("row", ["avg < 80%", "p95 < 80%", "last < 80%", "max > 5%"])
def test_what_can_recover_aborts_a_load_with_a_window_only(load, row):
    assert load(aborting(row, ', window = "10s"')).plan.benchmarks["cpu"].abort
    with pytest.raises(PlanError, match="add a window"):
        load(aborting(row))


def aborting(row, more=""):
    table = f'{{ require = "resource_cpu{{resource=api}}: {row}", abort = true{more} }}'
    return WITH_RESOURCES.replace(f'"{ROW}"', table)
