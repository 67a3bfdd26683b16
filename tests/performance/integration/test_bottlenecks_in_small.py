"""Platforms that are narrow somewhere, run for real: the analysis of each run names what gives way.

What is injected dwarfs noise: a connection that is waited for takes a hundred times as long as
before, and so does a lock. The sound platform waits in the same places and is not slowed down.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.helpers.bottleneck_plan import LEVELS, NARROW, SOUND, SUPPLIERS, bottleneck_plan
from tests.helpers.places import WEDLOAD
from tests.helpers.sandboxes import sandbox
from wedload.results.model import Result

if TYPE_CHECKING:
    from pathlib import Path

    from tests.helpers.bottleneck_plan import Narrow
    from tests.helpers.postgres import Cluster

#: what is narrow -> kinds that it may be called, whose time it is, and doing what; of a calendar
#: that is asked for two things, both as slow, neither may have most of it
CULPRITS = {
    "an index is missing": ({"query", "service"}, "postgresql", {"SELECT suppliers"}),
    "a table is locked": ({"lock"}, "postgresql", {"INSERT submissions"}),
    "the calendar is slow": (
        {"third party"}, "google-calendar", {"POST freeBusy", "POST events", None},
    ),
    "an endpoint computes": ({"operation", "resource"}, "sandbox", {"render"}),
    "two connections": ({"pool"}, "sandbox", {"wait for a connection"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(cluster: Cluster) -> str:
    """A database with the catalogue, of which each run has a copy."""
    dsn = cluster.new_database()
    with sandbox("--dsn", dsn, "--suppliers", str(SUPPLIERS)):
        pass
    return dsn


def run(narrow: Narrow, folder: Path, cluster: Cluster, filled: str) -> Result:
    """The plan against such a platform."""
    plan = folder / "plan.toml"
    plan.write_text(bottleneck_plan(narrow))
    environ = {
        "WEDLOAD_SANDBOX_DSN": cluster.new_database(like=filled),
        "WEDLOAD_SANDBOX_SUPPLIERS": str(SUPPLIERS),
        "WEDLOAD_SANDBOX_RATE_LIMIT": "0",
        **narrow.environment,
    }
    done = subprocess.run(
        [WEDLOAD, "run", plan, "-o", folder / "result.json"],
        cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1, 3}, done.stderr
    return Result.model_validate(json.loads((folder / "result.json").read_text()))


@pytest.mark.parametrize("name", NARROW)
def test_what_is_narrow_is_named_with_its_figures(name, tmp_path, cluster, filled):
    result = run(NARROW[name], tmp_path, cluster, filled)

    kinds, service, operations = CULPRITS[name]
    assert result.analysis is not None
    culprit = result.analysis.culprits[0]
    assert culprit.kind in kinds, result.analysis.verdict
    assert culprit.service == service
    assert culprit.operation in operations
    # a search without its index may be as slow for few users: then there is one figure for all
    if culprit.low_ms is not None or name != "an index is missing":
        assert culprit.low_ms < culprit.high_ms
    assert f"{culprit.high_ms:.0f} ms" in culprit.words
    if name == "a table is locked":
        assert "submissions" in culprit.words  # which sessions were seen to wait for


def test_a_sound_platform_has_no_culprit_and_every_trace_comes_whole(tmp_path, cluster, filled):
    result = run(SOUND, tmp_path, cluster, filled)

    assert result.analysis is not None
    assert result.analysis.culprits == [], result.analysis.verdict
    assert [level.name for level in result.analysis.levels][-1] == list(LEVELS)[-1]
    traces = result.traces
    assert traces.traces == traces.requests == sum(slot.count for slot in traces.steps)
    assert (traces.broken, traces.orphans, traces.foreign, traces.refused) == (0, 0, 0, 0)
    searches = [one for one in traces.operations if one.operation == "SELECT suppliers"]
    requests = sum(one.count for one in traces.steps if one.step == "search")
    # of a page that is full all are counted, by a statement of its own
    assert requests <= sum(one.count for one in searches) <= 2 * requests
    assert {one.service for one in traces.operations} == {
        *("sandbox", "postgresql", "google-calendar"),
    }
