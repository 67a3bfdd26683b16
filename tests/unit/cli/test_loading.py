"""A plan as the command line changes it, and what is said of that."""

from __future__ import annotations

import pytest

from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.cli.loading import load_with_options
from wedload.plan.reshape import Shape


@pytest.mark.parametrize(
    ("shape", "once", "left", "why"),
    [
        (Shape(), False, [], None),
        (
            Shape(duration="90s"),
            False,
            ["slow database", "mail trickles"],
            "the load ends before it begins",
        ),
        (
            Shape(),
            True,
            ["calendar outage", "slow database", "mail trickles"],
            "--once has no faults",
        ),
    ],
    ids=["whole", "shortened", "once"],
)
def test_faults_that_are_left_out_are_told(tmp_path, shape, once, left, why):
    (tmp_path / "plan.toml").write_text(WITH_THIRD_PARTIES)

    loaded, said = load_with_options(
        tmp_path / "plan.toml", shape, time_scale=1.0, overrides=(), once=once
    )

    assert said == [f"left out, as {why}: the fault {name}" for name in left]
    assert len(loaded.plan.faults) == 3 - len(left)
