"""Which node of a query's plan costs most by itself: plans as PostgreSQL gives them, in small."""

from __future__ import annotations

import pytest

from wedload.results.query_plan import culprit_of, culprit_of_sqlite, self_times_ms


def node(kind, total_ms, *plans, loops=1, rows=1, **more):
    """A node; `total_ms` is a mean of its loops, as PostgreSQL has it."""
    fields = {name.replace("_", " "): value for name, value in more.items()}
    return {
        "Node Type": kind, "Actual Total Time": total_ms, "Actual Loops": loops,
        "Actual Rows": rows, **fields, **({"Plans": list(plans)} if plans else {}),
    }  # fmt: skip


def plan(root, execution_ms=None):
    total = root["Actual Total Time"] if execution_ms is None else execution_ms
    return [{"Plan": root, "Planning Time": 0.1, "Execution Time": total}]


def init_plan(kind, total_ms, name, *plans, **more):
    return {
        **node(kind, total_ms, *plans, **more),
        "Parent Relationship": "InitPlan",
        "Subplan Name": name,
    }


def self_times(root):
    return [(kind, pytest.approx(ms)) for kind, ms in self_times_ms(plan(root))]


def test_a_nodes_own_time_is_without_its_childrens():
    root = node("Limit", 10, node("Sort", 9, node("Seq Scan", 6)))
    assert self_times(root) == [("Limit", 1), ("Sort", 3), ("Seq Scan", 6)]


def test_times_are_means_of_a_loop():
    inner = node("Index Scan", 0.2, loops=100)
    root = node("Nested Loop", 25, node("Seq Scan", 2), inner)
    assert self_times(root) == [("Nested Loop", 3), ("Seq Scan", 2), ("Index Scan", 20)]


def test_what_runs_in_parallel_is_counted_by_the_clock():
    """Three processes scan for 30 ms each at the same time: that took 30 ms, not 90."""
    scan = node("Seq Scan", 30, loops=3, Parallel_Aware=True)
    root = node("Gather", 33, node("Partial Aggregate", 31, scan, loops=3), Workers_Launched=2)
    assert self_times(root) == [("Gather", 2), ("Partial Aggregate", 1), ("Seq Scan", 30)]


def test_loops_within_parallel_processes_are_shared_by_them():
    inner = node("Index Scan", 0.1, loops=300)  # a hundred each
    outer = node("Seq Scan", 5, loops=3)
    root = node("Gather Merge", 17, node("Nested Loop", 16, outer, inner, loops=3))
    assert self_times(root) == [
        ("Gather Merge", 1), ("Nested Loop", 1), ("Seq Scan", 5), ("Index Scan", 10),
    ]  # fmt: skip


def test_a_gather_of_which_no_worker_came_is_run_by_one():
    root = node("Gather", 11, node("Seq Scan", 10, loops=1), Workers_Planned=2, Workers_Launched=0)
    assert self_times(root) == [("Gather", 1), ("Seq Scan", 10)]


def test_the_time_of_a_cte_is_in_the_scan_that_reads_it_first():
    cte = init_plan("Seq Scan", 40, "CTE dear")
    root = node("Hash Join", 50, cte, node("CTE Scan", 43, CTE_Name="dear"), node("Hash", 5))
    assert self_times(root) == [("Hash Join", 2), ("Seq Scan", 40), ("CTE Scan", 3), ("Hash", 5)]


def test_a_cte_that_is_read_twice_is_taken_away_once():
    cte = init_plan("Seq Scan", 40, "CTE dear")
    scans = (node("CTE Scan", 30, CTE_Name="dear"), node("CTE Scan", 14, CTE_Name="dear"))
    own = self_times_ms(plan(node("Hash Join", 45, cte, *scans)))
    assert sum(ms for _, ms in own) == pytest.approx(45)
    assert own[1] == ("Seq Scan", 40)


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("InitPlan 1 (returns $0)", "(price > $0)"),
        ("InitPlan 1", "(price > (InitPlan 1).col1)"),
    ],
)
def test_the_time_of_a_subquery_that_is_run_once_is_in_the_node_that_needs_its_value(
    name, condition
):
    once = init_plan("Aggregate", 30, name)
    scan = node("Seq Scan", 36, Filter=condition)
    root = node("Sort", 40, once, node("Hash Join", 39, scan, node("Hash", 1)))
    assert self_times(root) == [
        ("Sort", 1), ("Aggregate", 30), ("Hash Join", 2), ("Seq Scan", 6), ("Hash", 1),
    ]  # fmt: skip


def test_the_tenth_subquery_is_not_taken_for_the_first():
    once = init_plan("Aggregate", 30, "InitPlan 1 (returns $1)")
    scans = (node("Seq Scan", 5, Filter="(a = $10)"), node("Seq Scan", 34, Filter="(a = $1)"))
    own = self_times(node("Append", 40, once, *scans))
    assert own[2:] == [("Seq Scan", 5), ("Seq Scan", 4)]


def test_a_subquery_whose_value_nobody_shows_is_taken_from_the_node_that_it_stands_below():
    once = init_plan("Seq Scan", 30, "InitPlan 1 (returns $0)")
    assert self_times(node("Result", 31, once)) == [("Result", 1), ("Seq Scan", 30)]


def test_a_subquery_of_each_row_is_the_child_of_its_node():
    each = node("Index Scan", 0.1, loops=200, Parent_Relationship="SubPlan")
    assert self_times(node("Seq Scan", 25, each)) == [("Seq Scan", 5), ("Index Scan", 20)]


def test_a_node_that_never_ran_costs_nothing():
    root = node("Hash Join", 2, node("Seq Scan", 2), node("Hash", 0, loops=0))
    assert self_times(root) == [("Hash Join", 0), ("Seq Scan", 2), ("Hash", 0)]


def test_the_culprit_says_what_it_reads_and_keeps_and_what_would_help():
    scan = node(
        "Seq Scan", 371.2, rows=12, Relation_Name="suppliers", Filter="(name = 'x'::text)",
        Rows_Removed_by_Filter=199_988, Shared_Hit_Blocks=405, Shared_Read_Blocks=5_000,
    )  # fmt: skip
    found = culprit_of(plan(node("Limit", 372, scan, Shared_Hit_Blocks=5_405), 380.4))
    assert (found.kind, found.relation) == ("Seq Scan", "suppliers")
    assert (found.rows, found.removed, found.blocks) == (12, 199_988, 5_405)
    assert (found.self_ms, found.total_ms) == (371.2, 380.4)
    assert found.condition == "(name = 'x'::text)"
    assert found.words == (
        "Seq Scan on suppliers takes 371 ms of 380 ms (97.6 %): it reads 200,000 rows and keeps 12"
        " from 5,405 blocks; an index for its filter would spare it most of them"
    )


def test_a_scan_that_needs_what_it_reads_is_not_told_to_have_an_index():
    scan = node("Seq Scan", 30, rows=900, Relation_Name="a", Rows_Removed_by_Filter=100)
    assert "index" not in culprit_of(plan(scan)).words


def test_rows_that_a_filter_removes_are_of_all_loops():
    scan = node("Index Scan", 1, loops=50, rows=2, Rows_Removed_by_Filter=3, Relation_Name="a")
    found = culprit_of(plan(node("Nested Loop", 51, scan)))
    assert (found.rows, found.removed) == (100, 150)


def test_a_sort_on_disk_says_so():
    sort = node("Sort", 90, node("Seq Scan", 10), Sort_Space_Type="Disk", Sort_Space_Used=51_200)
    assert "sorted on disk (51,200 kB)" in culprit_of(plan(sort)).words


@pytest.mark.parametrize("wrong", [None, [], {}, [{}], [{"Plan": {}}], [1, 2]])
def test_what_is_no_plan_is_refused(wrong):
    with pytest.raises(ValueError, match="no plan"):
        culprit_of(wrong)


def test_sqlites_culprit_is_the_table_that_is_read_from_end_to_end():
    lines = [
        {"id": 3, "parent": 0, "detail": "SEARCH s USING INTEGER PRIMARY KEY (rowid=?)"},
        {"id": 5, "parent": 0, "detail": "SCAN packages"},
    ]
    found = culprit_of_sqlite(lines)
    assert (found.kind, found.relation, found.self_ms) == ("SCAN", "packages", None)
    assert found.words.startswith("SCAN packages: it reads every row of packages")


@pytest.mark.parametrize(
    "detail",
    ["SEARCH a USING INDEX b (c=?)", "SCAN a USING COVERING INDEX b", "SCAN t VIRTUAL TABLE"],
)
def test_sqlite_has_no_culprit_where_an_index_is_read(detail):
    assert culprit_of_sqlite([{"id": 1, "parent": 0, "detail": detail}]) is None
