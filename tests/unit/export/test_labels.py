"""Labels: the plan's tags become such that Prometheus takes, and none takes another's place."""

from __future__ import annotations

import pytest

from wedload.export.labels import series_labels, tag_label
from wedload.metrics.catalogue import Phase, Series


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("critical", "critical"), ("is-critical", "is_critical"), ("größe", "gr__e"),
        ("9to5", "tag_9to5"), ("run", "tag_run"), ("le", "tag_le"), ("__name__", "tag___name__"),
        ("outcome", "tag_outcome"),
    ],
)  # fmt: skip
def test_a_tag_is_a_label_of_its_own(tag, label):
    assert tag_label(tag) == label


def test_labels_are_sorted_and_those_that_are_empty_left_out():
    series = Series("main", "visit", "look", tags=(("zone", "a"), ("run", "mine")))
    found = series_labels(
        {"run": "r1"}, series, Phase("main", "peak", others=(("fault", "x"),)), ""
    )
    assert found == (
        ("run", "r1"), ("scenario", "main"), ("stage", "peak"), ("step", "look"),
        ("tag_run", "mine"), ("workflow", "visit"), ("zone", "a"),
    )  # fmt: skip
