"""`wedload history`: a folder of results in, how they went out."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.helpers.small_result import document, row
from wedload.results.save import encode

FIRST = datetime(2026, 11, 1, 2, tzinfo=UTC)


def keep(folder, day, observed=400.0, **changes):
    started = FIRST + timedelta(days=day)
    facts = {
        "id": f"{started:%Y%m%d-%H%M%S}-abcd", "started_at": started.isoformat(),
        "tags": {"commit": f"c{day}"}, "benchmarks": [row("Quick", observed=observed)],
    }  # fmt: skip
    path = folder / f"{day:03}.json"
    path.write_bytes(encode(document(**(facts | changes))))
    return path


@pytest.fixture
def results(wedload):
    """Twelve days at 400 ms, twelve at 470 ms."""
    folder = wedload.folder / "results of nights"
    folder.mkdir()
    for day in range(24):
        keep(folder, day, (400.0 if day < 12 else 470.0) + day % 5)
    return folder


def test_change_is_told_on_stdout_within_80_columns(wedload, results):
    done = wedload("history", results)

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(" small → local   24 runs, 2026-11-01 to 2026-11-24")
    assert "since 20261113-020000-abcd (c12)" in done.out
    assert sum("-abcd  " in line for line in lines) == 24
    assert "\x1b" not in done.out
    assert done.err == ""


def test_json_holds_everything_and_markdown_a_table(wedload, results):
    document = json.loads(wedload("history", results, "--format", "json").out)
    text = wedload("history", results, "--format", "markdown").out

    assert document["schema"] == "wedload.history/1"
    assert len(document["runs"]) == len(document["courses"][0]["values"]) == 24
    (change,) = document["courses"][0]["changes"]
    assert (change["run"], change["worse"]) == ("20261113-020000-abcd", True)
    assert "| Metric | Course | Newest | Changes |" in text
    assert "since 20261113-020000-abcd" in text


def test_any_figure_that_results_hold_can_be_asked_for(wedload, results):
    done = wedload("history", results, "--metric", "http_req_duration{step=look}: p95", "--last", 3)

    assert done.code == 0, done.err
    assert "3 runs" in done.out
    assert "no change of level; newest 103 ms" in done.out


def test_what_is_left_out_is_said_with_the_reason(wedload, results):
    keep(results, 30, verdict="invalid")
    keep(results, 31, complete=False)
    keep(results, 5, load_hash="00" * 32)
    (results / "broken.json").write_bytes((results / "001.json").read_bytes()[:1500])
    (results / "other.json").write_text('{"schema": "something else"}')

    done = wedload("history", results)

    assert done.code == 0, done.err
    assert "left out: 4" in done.out
    for name, why in (
        ("030.json", "invalid"), ("031.json", "not complete"),
        ("005.json", "another load: the plan was changed"), ("broken.json", "not JSON"),
    ):  # fmt: skip
        assert any(name in line and why in line for line in done.out.splitlines()), done.out
    assert "other.json" not in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone"], "gone is no folder"),
        (["."], "there are no results in ."),
        (["results of nights", "--row", "Quik"], "did you mean Quick?"),
        (["results of nights", "--metric", "http_req_duration{step=lok}: p95"], "mean look?"),
        (["results of nights", "--metric", "http: p95"], "there is no metric http"),
        (["results of nights", "--format", "jsn"], "is not one of"),
        (["results of nights", "--row", "Quick", "--metric", "checks: rate"], "exclude each other"),
    ],
)
def test_mistake_exits_with_2_and_says_what_was_meant(wedload, results, arguments, said):
    if arguments == ["."]:
        for file in results.iterdir():
            file.unlink()

    done = wedload("history", *arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_folder_of_unusable_results_exits_with_3_and_says_why(wedload, results):
    for file in results.iterdir():
        file.unlink()
    keep(results, 1, interrupted=True)

    done = wedload("history", results)

    assert (done.code, done.out) == (3, "")
    assert "001.json: interrupted" in done.err


def test_real_runs_make_a_history(wedload, small):
    for name in ("one", "two"):
        wedload("run", small, "-o", f"{name}.json")

    done = wedload("history", ".", "--metric", "http_reqs: count")

    assert done.code == 0, done.err
    assert "small → local   2 runs" in done.out


def test_pipes_and_folders_that_are_named_like_results_are_passed_over(wedload, results):
    (results / "folder.json").mkdir()
    os.mkfifo(results / "pipe.json")

    done = wedload("history", results)

    assert done.code == 0, done.err
    assert "left out" not in done.out
