"""Files that a command writes: none over another, none over what is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wedload.cli.output import require_distinct, write_file
from wedload.errors import UsageError, WedloadError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "in.json").write_text("{}")
    (tmp_path / "link.json").symlink_to("in.json")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"-o": "x.json", "--report": "x.json"}, "-o and --report name the same file: x.json"),
        ({"-o": "x.json", "--csv": "./x.json"}, "-o and --csv name the same file: x.json"),
        ({"--junit": "a", "--csv": "b", "--markdown": "a"}, "--junit and --markdown name"),
        ({"-o": "in.json"}, "-o in.json is the plan itself"),
        ({"-o": None, "--report": "link.json"}, "--report link.json is the plan itself"),
    ],
)
def test_a_file_that_would_be_replaced_is_refused(outputs, said):
    paths = {option: path and Path(path) for option, path in outputs.items()}

    with pytest.raises(UsageError) as raised:
        require_distinct(paths, {"the plan itself": [Path("in.json")]})

    assert said in raised.value.message


def test_different_files_and_devices_may_be_named():
    require_distinct(
        {
            "-o": Path("/dev/null"),
            "--csv": Path("/dev/null"),
            "--junit": Path("x"),
            "--report": None,
        },
        {"the plan itself": [Path("in.json"), Path("/dev/null")]},
    )


def test_a_file_that_cannot_be_written_is_told_of_with_a_reason(tmp_path, monkeypatch):
    with pytest.raises(WedloadError, match=r"the page could not be written to .*/gone/x: No such"):
        write_file("text", tmp_path / "gone" / "x", "the page")

    def replace(*_: object) -> None:
        raise OSError("of no number")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(WedloadError, match="could not be written to x: of no number"):
        write_file("text", Path("x"), "the page")
