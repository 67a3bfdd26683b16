"""Lines of keys, for every way in which TOML lets one write them."""

from __future__ import annotations

import pytest

from wedload.plan.positions import Positions, dotted, find_positions

WORKFLOWS = """\
# comment = 1

[[workflows.visit]]
http = "GET /"
[[workflows.visit]]
http = "GET /b" # [not.a.table]
  [workflows.visit.tags]
  critical = "yes"
"""


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("\n\na.b.c = 1", ("a", "b", "c"), 3),
        ("a.b = 1\na.c = 2", ("a", "c"), 2),
        ("a . b = 1", ("a", "b"), 1),
        ("[a.b]\nc = 1", ("a", "b", "c"), 2),
        ("[a]\n[a.b]", ("a", "b"), 2),
        ("[a.b]\n[a]\nx = 1", ("a", "x"), 3),
        ('["x y".\'z.w\']\n"\\u0061" = 1', ("x y", "z.w", "a"), 2),
        ('"\\x41\\e" = 1', ("A\x1b",), 1),
        ("a = [\n1,\n2]", ("a", 1), 3),
        ("a = { b = 1,\n c = [ { d = 1 },\n {\n e = 2 } ] }", ("a", "c", 1, "e"), 4),
        ("a = { b = 1,\n # }\n c = 2, }", ("a", "c"), 3),
        ("a = '''\nb = 1\n'''\nc = 1", ("c",), 4),
        ('a = """\n\\"""b = 1\n"""\nc = 1', ("c",), 4),
        ('a = """"quoted""""\nc = 1', ("c",), 2),
        ("a = ''''quoted'''''\nc = 1", ("c",), 2),
        ('a = "# no comment" # \'comment\nc = 1', ("c",), 2),
        ("a = 'C:\\'\nc = 1", ("c",), 2),
        ("a = 1979-05-27 07:32:00\nc = 07:32:00", ("c",), 2),
        ("a = 1\r\nb = 2\r\n", ("b",), 2),
        (WORKFLOWS, ("workflows", "visit", 0, "http"), 4),
        (WORKFLOWS, ("workflows", "visit", 1), 5),
        (WORKFLOWS, ("workflows", "visit", 1, "tags", "critical"), 8),
        ("[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\nx = 1", ("a", 1, "b", 0, "x"), 6),
    ],
)
def test_key_is_found_in_its_line(text, path, line):
    assert find_positions(text)[path] == line


def test_missing_key_is_in_the_line_of_the_table_that_lacks_it():
    positions = Positions("plan.toml", find_positions("\n[a]\nb = 1"))

    assert positions.line(("a", "c", 0, "d")) == 2


def test_plan_as_a_whole_has_no_line():
    problem = Positions("plan.toml", {}).problem(("name",), "is missing")

    assert str(problem) == "plan.toml: name: is missing"


def test_value_of_an_override_is_reported_as_the_override():
    positions = Positions("plan.toml", {("a",): 1}, {("a", "b"): "a.b=5"})

    assert str(positions.problem(("a", "b", "c"), "is wrong")) == "--set a.b=5: a.b.c: is wrong"
    assert str(positions.problem(("a",), "is wrong")) == "plan.toml:1: a: is wrong"


def test_path_is_written_as_a_person_would():
    path = ("scenarios", "bridal_show", "stages", 1, "duration")

    assert dotted(path) == "scenarios.bridal_show.stages[1].duration"
    assert dotted(("benchmarks", "Failed requests")) == 'benchmarks."Failed requests"'


def test_scanning_takes_time_linear_in_the_text():
    text = "a = [\n" + "{ b = [1, 2], c = '''\n''' },\n" * 20_000 + "]\n"

    assert find_positions(text)[("a", 19_999, "c")] == 2 + 19_999 * 2
