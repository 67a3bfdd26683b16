"""Resources in Markdown: a table that no name breaks, and what there is to know."""

from __future__ import annotations

from tests.helpers.small_result import small_result
from tests.helpers.watched import watched, with_resources
from wedload.report.markdown import markdown
from wedload.report.markdown_resources import resources


def test_without_resources_there_is_nothing():
    assert resources([]) == ""


def test_each_has_a_row_and_notes_follow():
    text = resources(watched())

    assert "| machine | 98.3 % | 196.7 % |" in text
    assert "| api | 50 % | 98.3 % | 51 MB | 40 descriptors |" in text
    assert "- db: up to 3 sessions waited for row of bookings" in text
    assert "SELECT <b>" not in text  # which would be HTML


def test_they_are_part_of_the_summary():
    assert "| Resource |" in markdown(with_resources(small_result()))
