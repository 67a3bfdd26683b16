"""`wedload analyze`, as users call it, and what a run says of itself."""

from __future__ import annotations

import json

import pytest

from tests.helpers import weak_results as weak
from tests.helpers.small_result import small_result


@pytest.fixture
def saved(wedload):
    def save(result, name="result.json"):
        (wedload.folder / name).write_text(result.model_dump_json(by_alias=True))
        return name

    return save


def test_it_tells_what_gives_way(wedload, saved):
    done = wedload("analyze", saved(weak.index_dropped()))
    assert done.code == 0, done.err
    assert "bottleneck: “search suppliers” waits" in done.out
    assert "\x1b" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_programs_read_it_as_json(wedload, saved):
    done = wedload("analyze", saved(weak.lock_held()), "--format", "json")
    found = json.loads(done.out)
    assert found["culprits"][0]["kind"] == "lock"
    assert found["split_by"] == "traces"


def test_pull_requests_get_markdown(wedload, saved):
    done = wedload("analyze", saved(weak.small_pool()), "--format", "markdown")
    assert done.out.startswith("## weak on sandbox: what gives way\n")


def test_a_result_without_seconds_is_told_what_it_lacks(wedload, saved):
    done = wedload("analyze", saved(small_result()))
    assert done.code == 0, done.err
    assert "too few requests" in done.out
    assert "switch on [tracing]" in " ".join(done.out.split())


def test_a_file_that_is_no_result_is_refused(wedload):
    (wedload.folder / "x.json").write_text("{}")
    done = wedload("analyze", "x.json")
    assert done.code == 2
    assert "x.json is not a result of wedload" in done.err


def test_a_histogram_that_cannot_be_read_is_told(wedload, saved):
    result = weak.sound()
    series = result.series.model_dump()
    series["trends"][0]["histograms"][3] = "AAAA"
    broken = result.model_copy(update={"series": type(result.series)(**series)})
    done = wedload("analyze", saved(broken))
    assert done.code == 2
    assert "has a histogram that cannot be read" in done.err


def test_a_run_has_its_analysis_in_its_result_and_a_line_of_it_at_its_foot(wedload, small):
    done = wedload("run", small, "-o", "r.json")
    assert done.code == 0, done.err
    found = json.loads((wedload.folder / "r.json").read_text())["analysis"]
    assert found["verdict"]
    assert (f"• {found['verdict']}" in done.err) is bool(found["levels"])
