"""`wedload compare` as a job calls it: files in, words and an exit code out."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.helpers.compared_results import make_result
from wedload.cli.compare import FORMATS

CAPTURED = Path(__file__).parents[1] / "unit" / "comparison" / "captured"
K6 = CAPTURED / "k6-summary-export.json"


@pytest.fixture
def results(wedload):
    """Files of results: the base, one like it, and one with a slow step; others on demand."""

    def write(name: str, **how) -> Path:
        path = wedload.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make_result(**how).model_dump_json(by_alias=True))
        return path

    return write


@pytest.fixture
def slowed(results):
    return (
        results("base.json", seed=1),
        results("slow.json", seed=2, slower={"submit form": 1.3}),
    )


def words(text: str) -> str:
    return " ".join(text.split())


def test_alike_results_exit_0(wedload, results):
    done = wedload("compare", results("base.json", seed=1), results("now.json", seed=2))

    assert done.code == 0, done.out
    assert "comparison: NO REGRESSION" in done.out
    assert done.err == ""


def test_a_regression_exits_1_and_is_said_in_words(wedload, slowed):
    done = wedload("compare", *slowed)

    assert done.code == 1
    assert "✗ submit form p95 +" in done.out
    assert "comparison: REGRESSION 2 of 11 rows" in words(done.out)
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_a_margin_and_a_floor_let_it_pass(wedload, slowed):
    assert wedload("compare", *slowed, "--margin", "60%").code == 0
    assert wedload("compare", *slowed, "--floor", "500ms").code == 0


def test_another_load_exits_3_with_the_reason(wedload, results):
    base = results("base.json", seed=1, seconds=30)
    other = results("other.json", seed=2, seconds=30, run={"load_hash": "b8" * 32})

    done = wedload("compare", base, other)

    assert done.code == 3
    assert "the plans differ: load hash a7a7a7a7a7a7" in words(done.out)


def test_short_runs_exit_3_and_say_how_long_would_do(wedload, results):
    done = wedload(
        "compare", results("a.json", seed=1, seconds=10), results("b.json", seed=2, seconds=10)
    )

    assert done.code == 3
    assert "runs of about" in done.out


def test_folders_of_five_runs_are_ranked(wedload, results):
    for n in range(5):
        results(f"main/{n}/result.json", seed=n, seconds=25)
        results(f"branch/{n}/result.json", seed=10 + n, seconds=25, slower={"dashboard": 1.5})
    (wedload.folder / "main" / "notes.json").write_text("[]")
    (wedload.folder / "main" / "half.json").write_text("{")

    done = wedload("compare", "main", "branch", "--format", "json")

    assert done.code == 1
    assert done.result["method"] == "ranks"
    assert [row["name"] for row in done.result["rows"] if row["outcome"] == "regression"] == [
        "dashboard p95"
    ]
    assert len(done.result["base"]["runs"]) == 5
    assert any("main/half.json is not JSON" in note for note in done.result["notes"])
    assert not any("main/notes.json" in note for note in done.result["notes"])


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_a_format_goes_to_stdout_and_the_gist_to_stderr(wedload, slowed, form):
    done = wedload("compare", *slowed, "--format", form)

    assert done.code == 1
    assert done.err.startswith("REGRESSION: ")
    match form:
        case "json":
            assert done.result["schema"] == "wedload.comparison/1"
        case "junit":
            assert ET.fromstring(done.out.encode()).attrib["failures"] == "2"
        case _:
            assert done.out.startswith("### ❌ REGRESSION")


def test_a_file_instead_of_stdout(wedload, slowed):
    done = wedload("compare", *slowed, "-o", "compared.txt")

    assert done.code == 1
    assert done.out == ""
    assert "comparison: REGRESSION" in (wedload.folder / "compared.txt").read_text()


def test_a_page_has_what_changed_and_both_runs(wedload, slowed):
    done = wedload("compare", *slowed, "--report", "compared.html")

    assert done.code == 1
    page = (wedload.folder / "compared.html").read_text()
    assert "submit form p95 +" in page
    assert "What changed" in page


def test_k6_beside_k6_is_shown_and_not_decided(wedload):
    slow = json.loads(K6.read_text())
    slow["metrics"]["http_req_duration"]["p(95)"] *= 10
    (wedload.folder / "slow.json").write_text(json.dumps(slow))

    done = wedload("compare", K6, "slow.json")

    assert done.code == 3
    assert "http_req_duration p95" in done.out
    assert "INCONCLUSIVE figures without intervals decide nothing" in words(done.out)


def test_k6_beside_a_result_is_shown_and_not_decided(wedload, results):
    figures = {"http_req_failed": {"unit": "ratio", "count": 9, "yes": 0, "rate": 0.0}}

    done = wedload("compare", K6, results("ours.json", seed=1, seconds=20, metrics=figures))

    assert done.code == 3
    assert "http_req_failed" in done.out


def test_a_page_of_k6_is_refused(wedload, results):
    done = wedload("compare", K6, results("a.json", seed=1, seconds=20), "--report", "c.html")

    assert done.code == 2
    assert "--report needs results with figures by second" in done.err


def test_the_schema_of_comparisons_is_published(wedload):
    done = wedload("schema", "comparison")

    assert done.code == 0
    assert "rows" in done.result["properties"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (("base.json", "gone.json"), "gone.json does not exist"),
        (("base.json", "base.json"), "BASE and CURRENT are both base.json"),
        (("base.json", "copy.json"), "the run 20270619-120000-0001 is on both sides"),
        (("base.json", "empty"), "the folder empty holds no result"),
        (("base.json", "text.json"), "text.json is not JSON"),
        (("base.json", "list.json"), "list.json is not a result: it is no JSON object"),
        (("base.json", "other.json"), "it has the schema 'wedload.comparison/1'"),
        (("base.json", "none.json"), "it has no schema"),
        (("base.json", "cut.json"), "cut.json says to be 'wedload.result/1' but is not"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_compared_are_named(wedload, results, files, message):
    base = results("base.json", seed=1, seconds=5)
    (wedload.folder / "copy.json").write_bytes(base.read_bytes())
    (wedload.folder / "empty").mkdir()
    (wedload.folder / "text.json").write_text("no JSON")
    (wedload.folder / "list.json").write_text("[1]")
    (wedload.folder / "other.json").write_text('{"schema": "wedload.comparison/1"}')
    (wedload.folder / "none.json").write_text('{"metrics": 1}')
    (wedload.folder / "cut.json").write_text('{"schema": "wedload.result/1", "run": {}}')

    done = wedload("compare", *files)

    assert done.code == 2
    assert message in done.err
    assert "hint: " in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--margin", "5"), "--margin 5 is not between 0% and 100%"),
        (("--margin", "much"), "--margin: 'much' is not a ratio"),
        (("--share-margin", "0%"), "--share-margin 0% is not between"),
        (("--floor", "1"), "--floor: '1' is not a duration"),
        (("-o", "no/where.txt"), "does not exist"),
        (("--report", "no/where.html"), "does not exist"),
        (("--format", "yaml"), "yaml"),
    ],
)  # fmt: skip
def test_options_that_are_wrong_are_named(wedload, results, options, message):
    files = results("a.json", seed=1, seconds=5), results("b.json", seed=2, seconds=5)

    done = wedload("compare", *files, *options)

    assert done.code == 2
    assert message in words(done.err)
    assert "Traceback" not in done.err


def test_a_result_that_is_compared_is_never_replaced(wedload, results):
    base, current = results("base/a.json", seed=1), results("b.json", seed=2)
    before = base.read_bytes()

    in_folder = wedload("compare", base.parent, current, "-o", base)
    page = wedload("compare", base, current, "--report", "new.txt", "-o", "new.txt")

    assert (in_folder.code, page.code) == (2, 2)
    assert "is a result of BASE" in words(in_folder.err)
    assert "-o and --report name the same file" in words(page.err)
    assert base.read_bytes() == before


def test_a_histogram_that_was_changed_is_said(wedload, results):
    base, current = results("a.json", seed=1), results("b.json", seed=2)
    document = json.loads(current.read_text())
    document["series"]["trends"][0]["histograms"][3] = "bm9uc2Vuc2U="
    current.write_text(json.dumps(document))

    done = wedload("compare", base, current)

    assert done.code == 2
    assert "has a histogram that cannot be read: " in done.err


def test_what_is_left_of_a_killed_run_is_not_compared(wedload, small, results):
    killed = wedload.start("run", small, "--vus", "2", "--duration", "30s", "-o", "killed.json")
    killed.under_load(1.5)
    (recording,) = wedload.folder.glob("killed.json.*")
    killed.signal(signal.SIGKILL)
    killed.process.wait()

    done = wedload("compare", results("base.json", seed=1, seconds=5), recording)

    assert done.code == 3
    assert "is incomplete: wedload ended in the middle of the run" in words(done.out)


def test_a_reader_that_goes_away_is_no_error_of_ours(wedload, slowed):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = wedload("compare", *slowed, "--format", "json", stdout=pipe)

    assert "Traceback" not in done.err
