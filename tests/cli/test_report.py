"""`wedload report` and `wedload run --report`, as users call them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.helpers.places import ROOT
from tests.helpers.sample_result import sample_result

if TYPE_CHECKING:
    from pathlib import Path

#: a sitecustomize that makes plotly a package that is not there
WITHOUT_PLOTLY = """\
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "plotly" else real(name, *a)
"""


@pytest.fixture
def result(wedload) -> Path:
    path = wedload.folder / "result.json"
    path.write_text(sample_result(scale=0.05).model_dump_json(by_alias=True))
    return path


@pytest.fixture
def without_plotly(tmp_path) -> dict[str, str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WITHOUT_PLOTLY)
    return {"PYTHONPATH": str(folder)}


def test_a_report_lies_beside_its_result(wedload, result):
    done = wedload("report", "result.json")
    assert (done.code, done.out) == (0, "")
    assert done.err.strip() == "report: result.html"
    assert "<title>Fail: peak-season → sandbox" in (wedload.folder / "result.html").read_text()


def test_a_report_is_written_where_one_says(wedload, result):
    assert wedload("report", result, "-o", "nightly.html").code == 0
    assert wedload.files() == ["nightly.html", "result.json"]


def test_a_run_makes_its_report(wedload, small):
    done = wedload("run", small, "-o", "r.json", "--report", "r.html")
    assert done.code == 0, done.err
    assert "report: r.html" in done.err
    run = json.loads((wedload.folder / "r.json").read_text())["run"]
    page = (wedload.folder / "r.html").read_text()
    assert run["id"] in page
    assert "Verdict: </span><strong>Pass</strong>" in page


def test_the_report_of_a_missed_benchmark_leaves_exit_code_1(wedload, server, small_text):
    missed = small_text.replace("rate < 1%", "rate > 99%").replace("{url}", server.url)
    done = wedload("run", wedload.plan(missed), "--report", "r.html")
    assert done.code == 1
    assert "<strong>Fail</strong>" in (wedload.folder / "r.html").read_text()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("no/such/r.html", "--report no/such/r.html: the folder"),
        (".", "--report . is a folder"),
    ],
)
def test_a_run_whose_report_could_not_be_written_does_not_start(
    wedload, small, server, output, words
):
    done = wedload("run", small, "--report", output)
    assert done.code == 2
    assert words in done.err
    assert server.requests == []


def test_a_run_keeps_verdict_and_exit_code_if_its_report_fails(wedload, small):
    folder = wedload.folder / "reports"
    folder.mkdir()
    started = wedload.start("run", small, "-o", "r.json", "--report", "reports/r.html")
    started.wait_until(lambda: " of 00:" in started.err, "the load")
    folder.rmdir()
    done = started.wait()
    assert done.code == 0
    assert "verdict: PASS" in done.err
    assert "no report: the report could not be written to reports/r.html: No such file" in done.err
    assert "`wedload report` makes it from the result" in done.err
    assert (wedload.folder / "r.json").exists()


def test_a_killed_run_has_a_report_that_says_it_is_incomplete(wedload, server, small_text):
    text = small_text.replace("{url}", server.url).replace('"400ms"', '"60s"')
    started = wedload.start("run", wedload.plan(text), "-o", "r.json")
    partial = wedload.folder / "r.json.partial"
    started.wait_until(
        lambda: partial.exists() and partial.read_bytes().count(b"\n") > 4, "some seconds"
    )
    started.process.kill()
    started.process.wait()
    done = wedload("report", "r.json.partial")
    assert done.code == 0, done.err
    page = (wedload.folder / "r.html").read_text()
    assert "<strong>Incomplete: </strong>only what was recorded of the run is known." in page
    assert "<strong>Invalid</strong>" in page


def test_without_plotly_a_report_is_refused_with_the_remedy(wedload, result, without_plotly):
    done = wedload("report", result, env=without_plotly)
    assert done.code == 4
    assert "an HTML report needs the package plotly, which is not installed" in done.err
    assert 'hint: python -m pip install "wedload[report]"' in done.err
    assert wedload.files() == ["result.json"]


def test_without_plotly_a_run_that_wants_a_report_does_not_start(
    wedload, small, server, without_plotly
):
    done = wedload("run", small, "--report", "r.html", env=without_plotly)
    assert done.code == 4
    assert "needs the package plotly" in done.err
    assert server.requests == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing.json cannot be read: No such file or directory"),
        ("{", "is not JSON"),
        ('{"schema": "wedload.result/9"}', "'wedload.result/9', not 'wedload.result/1'"),
        ("[]", "is no JSON object"),
    ],
)
def test_what_is_no_result_is_said(wedload, content, words):
    if content is not None:
        (wedload.folder / "missing.json").write_text(content)
    done = wedload("report", "missing.json")
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert not (wedload.folder / "missing.html").exists()


def test_a_histogram_that_was_changed_is_said(wedload, result):
    document = json.loads(result.read_text())
    document["histograms"][0]["encoded"] = "AAAA"
    result.write_text(json.dumps(document))
    done = wedload("report", result)
    assert done.code == 2
    assert "result.json has a histogram that cannot be read: not a compressed Hdr" in done.err


def test_a_report_never_replaces_its_result(wedload, result):
    before = result.read_bytes()
    done = wedload("report", result, "-o", result)
    assert done.code == 2
    assert "is the result itself" in done.err
    assert result.read_bytes() == before


def test_a_run_without_a_report_imports_nothing_of_it():
    script = (
        "import sys; import wedload.cli.run, wedload.cli.app;"
        "print([n for n in sys.modules if n.startswith(('plotly', 'wedload.report.html'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_help_says_how_to_make_a_report(wedload):
    done = wedload("report", "--help")
    assert "wedload report result.json -o nightly.html" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_wheel_contains_the_parts_of_the_page(tmp_path):
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    done = subprocess.run([*pip, *build], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (wheel,) = tmp_path.glob("wedload-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("page.html", "page.js", "style.css"):
        assert f"wedload/report/html/assets/{part}" in names
