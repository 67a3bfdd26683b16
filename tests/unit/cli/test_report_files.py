"""Files beside the result: checked before the run, written whole, and none costs another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.small_result import small_result
from wedload.cli.report_files import ReportFiles
from wedload.errors import UsageError


def test_each_file_is_written_with_what_its_option_says(tmp_path):
    files = ReportFiles(tmp_path / "j.xml", tmp_path / "c.csv", tmp_path / "m.md")

    assert files.write(small_result()) == []

    assert (tmp_path / "j.xml").read_text().startswith("<?xml")
    assert (tmp_path / "c.csv").read_bytes().startswith(b"run,started_at,")
    assert (tmp_path / "m.md").read_text().startswith("## ")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "j.xml", "m.md"]


def test_file_that_cannot_be_written_is_told_of_and_the_others_are_there(tmp_path):
    files = ReportFiles(tmp_path / "gone" / "j.xml", Path("/dev/full"), tmp_path / "m.md")

    problems = files.write(small_result())

    assert problems == [
        f"--junit could not be written to {tmp_path}/gone/j.xml: No such file or directory",
        "--csv could not be written to /dev/full: No space left on device",
    ]
    assert (tmp_path / "m.md").is_file()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (ReportFiles(junit=Path("gone/j.xml")), "--junit gone/j.xml: the folder .*/gone does not"),
        (ReportFiles(csv=Path()), "--csv . is a folder"),
        (
            ReportFiles(markdown=Path("/proc/m.md")),
            "--markdown /proc/m.md: the folder /proc cannot be",
        ),
    ],
)
def test_what_could_not_be_written_is_said_before(files, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.access", lambda path, _: not str(path).startswith("/proc"))

    with pytest.raises(UsageError, match=said):
        files.require_writable()


def test_devices_may_be_named_by_whoever_may_not_write_to_their_folder(monkeypatch):
    monkeypatch.setattr("os.access", lambda path, _: str(path) == "/dev/null")

    ReportFiles(Path("/dev/null"), Path("/dev/null")).require_writable()


def test_nothing_asked_for_is_nothing():
    assert not ReportFiles()
    assert ReportFiles(csv=Path("c.csv"))
