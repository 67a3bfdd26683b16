"""`wedload run` and `wedload report` with --junit, --csv and --markdown."""

from __future__ import annotations

import csv
import json
import os
from xml.etree import ElementTree as ET

FILES = ("--junit", "j.xml", "--csv", "c.csv", "--markdown", "m.md")


def cases(path):
    return {case.get("name"): [c.tag for c in case] for case in ET.parse(path).iter("testcase")}


def test_run_writes_what_other_programs_read_beside_its_result(wedload, small):
    done = wedload("run", small, "-o", "result.json", *FILES)

    assert done.code == 0, done.err
    assert wedload.files() == ["c.csv", "j.xml", "m.md", "result.json"]
    found = cases(wedload.folder / "j.xml")
    assert found["Nothing fails"] == []
    assert len(found) == 2
    with (wedload.folder / "c.csv").open(newline="") as file:
        rows = {row["level"]: row for row in csv.DictReader(file)}
    (step,) = done.result["steps"]
    assert rows["step"]["http_reqs"] == str(step["metrics"]["http_reqs"]["count"])
    assert (
        float(rows["step"]["http_req_duration max (ms)"])
        == (step["metrics"]["http_req_duration"]["max"])
    )
    assert rows["workflow"]["workflow"] == "visit"
    assert "✅ PASS: small on local" in (wedload.folder / "m.md").read_text()


def test_report_writes_the_same_later_and_no_html_unless_told_where(wedload, small):
    wedload("run", small, "-o", "result.json", *FILES)
    before = {name: (wedload.folder / name).read_bytes() for name in FILES[1::2]}
    for name in before:
        (wedload.folder / name).unlink()

    done = wedload("report", "result.json", *FILES)

    assert done.code == 0, done.err
    assert wedload.files() == ["c.csv", "j.xml", "m.md", "result.json"]
    assert {name: (wedload.folder / name).read_bytes() for name in before} == before


def test_missed_benchmark_is_a_failed_test_case_and_the_exit_code_stays(wedload, small):
    row = "benchmarks.Quick=http_req_duration: max < 10us"

    done = wedload("run", small, "--set", row, "--junit", "j.xml")

    assert done.code == 1, done.err
    assert cases(wedload.folder / "j.xml")["Quick"] == ["failure"]


def test_file_that_cannot_be_written_costs_neither_verdict_nor_the_others(wedload, small):
    done = wedload(
        "run", small, "-o", "result.json", "--junit", "/dev/full", "--csv", "c.csv",
        "--markdown", "m.md",
    )  # fmt: skip

    assert done.code == 0, done.err
    assert "--junit could not be written to /dev/full: No space left on device" in done.err
    assert "verdict: PASS" in done.err
    assert wedload.files() == ["c.csv", "m.md", "result.json"]
    assert json.loads((wedload.folder / "result.json").read_bytes()) == done.result


def test_full_stdout_costs_no_other_file(wedload, small):
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = wedload("run", small, "-o", "result.json", *FILES, stdout=full)
    finally:
        os.close(full)

    assert done.code == 4
    assert wedload.files() == ["c.csv", "j.xml", "m.md", "result.json"]


def test_folder_that_is_not_there_is_said_before_the_run(wedload, small, server):
    done = wedload("run", small, "--csv", "gone/c.csv")

    assert done.code == 2
    assert "--csv gone/c.csv: the folder " in done.err
    assert server.requests == []


def test_two_options_for_one_file_are_a_mistake(wedload, small, server):
    done = wedload("run", small, "-o", "same", "--markdown", "./same")

    assert done.code == 2
    assert "-o and --markdown name the same file" in done.err
    assert server.requests == []


def test_damaged_histogram_is_told_of_without_a_traceback(wedload, small):
    wedload("run", small, "-o", "result.json")
    file = wedload.folder / "result.json"
    document = json.loads(file.read_bytes())
    for one in document["histograms"]:
        one["encoded"] = "AAAA"
    file.write_text(json.dumps(document))

    done = wedload("report", "result.json", "--csv", "c.csv")

    assert done.code == 2
    assert "result.json has a histogram that cannot be read" in done.err
    assert wedload.files() == ["result.json"]
