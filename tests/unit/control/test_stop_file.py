"""The stop file: where it is looked for, and what it tells."""

from __future__ import annotations

import os

import pytest

from wedload.control.stop_file import require_no_stop_file, stop_file, stop_reason
from wedload.errors import UsageError


@pytest.fixture
def control(tmp_path, monkeypatch):
    """The control folder, as a run makes it."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / f"wedload-{os.getuid()}"
    folder.mkdir(mode=0o700)
    return folder


def test_it_is_the_one_that_the_environment_names_else_in_the_control_folder(control, tmp_path):
    assert stop_file({}) == control / "STOP"
    assert stop_file({"WEDLOAD_STOP_FILE": ""}) == control / "STOP"
    assert stop_file({"WEDLOAD_STOP_FILE": str(tmp_path / "halt")}) == tmp_path / "halt"


def test_without_one_a_run_begins(control):
    assert stop_reason({}) is None
    require_no_stop_file({})


def test_one_without_words_is_a_reason_without_words(control):
    (control / "STOP").touch()

    assert stop_reason({}) == ""
    with pytest.raises(UsageError) as refused:
        require_no_stop_file({})
    assert refused.value.message == f"no run begins while there is the stop file {control / 'STOP'}"
    assert refused.value.hint == f"if load may go out again: rm {control / 'STOP'}"
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"the database is being moved\nask Ada\n", "the database is being moved"),
        (b"\n\n  later \n", "later"),
        (b"\x1b[31mred\x1b[0m\x07\tand\r\n", "[31mred[0mand"),
        ("mirrored \u202e txt".encode(), "mirrored txt"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 100_000, "x" * 200),
    ],
)
def test_its_first_line_is_the_reason_without_what_a_terminal_would_obey(control, content, reason):
    (control / "STOP").write_bytes(content)

    assert stop_reason({}) == reason
    with pytest.raises(UsageError, match="which says: "):
        require_no_stop_file({})


def test_whatever_stands_at_its_place_stops_runs_and_is_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "shut").touch(mode=0)

    for name in ("fifo", "folder", "link", "shut"):
        assert stop_reason({"WEDLOAD_STOP_FILE": str(tmp_path / name)}) == ""


def test_a_folder_that_others_can_enter_stops_nobody(control):
    (control / "STOP").touch()
    control.chmod(0o777)

    assert stop_reason({}) is None


def test_a_link_to_a_folder_is_no_control_folder(control, tmp_path):
    elsewhere = control.rename(tmp_path / "elsewhere")
    (elsewhere / "STOP").touch()
    control.symlink_to(elsewhere)

    assert stop_reason({}) is None
