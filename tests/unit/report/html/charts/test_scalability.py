from __future__ import annotations

from tests.helpers import weak_results as weak
from wedload.analysis.analyse import analyse
from wedload.report.html.charts.scalability import scalability


def test_levels_are_points_and_the_law_a_line_through_them():
    found = analyse(weak.index_dropped())
    points, law = scalability(found).data
    assert points["mode"] == "markers"
    assert points["x"] == [float(f"{one.in_flight:.4g}") for one in found.levels]
    assert law["name"] == "scalability law"
    assert max(law["x"]) >= max(points["x"])


def test_a_knee_is_marked_where_there_is_one():
    found = analyse(weak.cpu_bound())
    made = scalability(found)
    assert [one["name"] for one in made.data] == ["levels", "knee"]
    assert "The knee is at 2.52." in made.summary


def test_without_law_and_knee_there_are_the_points_alone():
    assert [one["name"] for one in scalability(analyse(weak.sound())).data] == ["levels"]
