"""Where a Pushgateway keeps the metrics of a plan."""

from __future__ import annotations

import base64

import pytest

from wedload.export.pushgateway import path_of


def test_a_plain_name_is_part_of_the_path():
    assert path_of("wedload", "peak_season-2.1") == "/metrics/job/wedload/plan/peak_season-2.1"


@pytest.mark.parametrize(
    "plan", ["third party", "a/b", "größe", "..", ".", "", "a?b", "100%", "~", "a\u2028b", ">>>???"]
)
def test_any_other_is_in_base64(plan):
    path = path_of("wedload", plan)
    head, _, encoded = path.rpartition("/")
    assert head == "/metrics/job/wedload/plan@base64"
    padded = encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4)
    assert base64.urlsafe_b64decode(padded).decode() == plan
    assert not set(path) & set("?#%\\ ")
