"""What `check` tells of data that may be somebody's."""

from __future__ import annotations

from wedload.plan.personal_data.accepting import Accepted
from wedload.plan.personal_data.checking import DataFindings
from wedload.report.explain_data import data_lines


def test_what_was_accepted_is_told_with_its_reason_and_what_was_not_looked_into_with_why():
    found = DataFindings(
        (Accepted("venues.csv", "data file", 4, "published by the venues"),),
        ("photo.jpg (no text)", "all.bin (too large)"),
    )

    assert list(data_lines(found)) == [
        ("accepted: venues.csv (4 values): published by the venues", "yellow"),
        ("not looked into for personal data: photo.jpg (no text), all.bin (too large)", "dim"),
    ]


def test_of_data_of_nobody_nothing_is_said():
    assert list(data_lines(DataFindings())) == []
