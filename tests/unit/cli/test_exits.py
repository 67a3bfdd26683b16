"""From exceptions to exit codes and to what is said of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from wedload.cli.exits import exit_with
from wedload.errors import ResultError, TargetError


def raising(error: BaseException):
    def app() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SystemExit(), 0),
        (SystemExit(3), 3),
        (ResultError("is none"), 2),
        (TargetError("is not there"), 4),
        (KeyboardInterrupt(), 130),
        (IndexError("list index out of range"), 4),
        (ImportError("cannot import name"), 4),
        (RecursionError(), 4),
    ],
)
def test_each_end_has_its_code(error, code, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert exit_with(raising(error)) == code


def test_what_nobody_foresaw_is_told_in_short_and_its_traceback_is_in_a_file(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    exit_with(raising(IndexError("list index out of range")))

    said = capsys.readouterr().err
    (file,) = tmp_path.iterdir()
    assert "Traceback" not in said
    assert "error: wedload failed: IndexError: list index out of range (" in said
    assert f"{Path(__file__)}:" in said
    assert str(file) in said
    assert file.read_text().startswith("Traceback")
    assert "IndexError: list index out of range" in file.read_text()


def test_where_no_file_can_be_written_the_traceback_is_told(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    assert exit_with(raising(IndexError("of a list"))) == 4

    assert "Traceback" in capsys.readouterr().err
