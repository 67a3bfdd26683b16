"""A plan reads what lies in its folder, and nothing else."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from wedload.plan.confinement import FileRefusedError, Folders

MOST = 1_000


@pytest.fixture
def plans(tmp_path):
    folder = tmp_path / "plans"
    (folder / "below").mkdir(parents=True)
    (folder / "rows.csv").write_text("beside")
    (folder / "below" / "rows.csv").write_text("below")
    (tmp_path / "secret.csv").write_text("outside")
    (tmp_path / "plans-too").mkdir()
    (tmp_path / "plans-too" / "rows.csv").write_text("a name that begins alike")
    return folder


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", b"beside"), ("./rows.csv", b"beside"), ("below/rows.csv", b"below"),
        ("below/../rows.csv", b"beside"), ("../plans/rows.csv", b"beside"),
    ],
)  # fmt: skip
def test_what_lies_in_the_folder_or_below_is_read_however_it_is_named(plans, name, content):
    assert Folders.of(plans).read(name, most_bytes=MOST) == content


def test_the_whole_path_of_a_file_in_the_folder_is_as_good(plans):
    assert Folders.of(plans).read(str(plans / "rows.csv"), most_bytes=MOST) == b"beside"


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "below/../../secret.csv", "../plans-too/rows.csv", "/etc/passwd", ".."],
)
def test_what_lies_elsewhere_is_refused_with_the_remedy(plans, name):
    with pytest.raises(FileRefusedError, match="lies outside of the plan's folder") as refused:
        Folders.of(plans).read(name, most_bytes=MOST)
    assert str(plans) in refused.value.hint
    assert "--allow-files" in refused.value.hint


def test_a_link_is_where_it_leads(plans, tmp_path):
    (plans / "inside.csv").symlink_to("below/rows.csv")
    (plans / "outside.csv").symlink_to(tmp_path / "secret.csv")
    (plans / "folder").symlink_to(tmp_path, target_is_directory=True)
    folders = Folders.of(plans)

    assert folders.read("inside.csv", most_bytes=MOST) == b"below"
    for name in ("outside.csv", "folder/secret.csv"):
        with pytest.raises(FileRefusedError, match=r"outside .*: it leads to .*secret\.csv"):
            folders.read(name, most_bytes=MOST)


def test_a_folder_that_is_itself_a_link_is_no_way_out_nor_an_obstacle(plans, tmp_path):
    (tmp_path / "linked").symlink_to(plans, target_is_directory=True)
    folders = Folders.of(tmp_path / "linked")

    assert folders.read("rows.csv", most_bytes=MOST) == b"beside"
    with pytest.raises(FileRefusedError):
        folders.read("../secret.csv", most_bytes=MOST)


def test_other_folders_can_be_allowed(plans, tmp_path):
    folders = Folders.of(plans, [tmp_path / "plans-too"])

    assert folders.read("../plans-too/rows.csv", most_bytes=MOST) == b"a name that begins alike"
    with pytest.raises(FileRefusedError):
        folders.read("../secret.csv", most_bytes=MOST)


def test_a_plan_of_the_working_directory_reads_there(plans, monkeypatch):
    monkeypatch.chdir(plans)
    folders = Folders.of(plans.relative_to(plans))

    assert folders.read("rows.csv", most_bytes=MOST) == b"beside"
    with pytest.raises(FileRefusedError):
        folders.read("../secret.csv", most_bytes=MOST)


def test_pipes_sockets_and_devices_are_refused_and_nobody_waits_for_them(plans, tmp_path):
    os.mkfifo(plans / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(plans / "socket.csv"))
        folders = Folders.of(plans, [Path("/dev")])
        for name, kind in (
            ("pipe.csv", "a pipe"), ("socket.csv", "a socket"), ("/dev/zero", "a device"),
        ):  # fmt: skip
            for use in (folders.place, lambda name: folders.read(name, most_bytes=MOST)):
                with pytest.raises(FileRefusedError, match=f"is {kind}, and not a file"):
                    use(name)


def test_a_folder_is_no_file_and_leaves_nothing_open(plans):
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(IsADirectoryError):
        Folders.of(plans).read("below", most_bytes=MOST)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_is_read_up_to_its_most_and_a_larger_one_not_at_all(plans):
    (plans / "full.csv").write_bytes(b"x" * MOST)
    with (plans / "huge.csv").open("wb") as huge:
        huge.truncate(1 << 40)  # takes no room on the disk
    folders = Folders.of(plans)

    assert len(folders.read("full.csv", most_bytes=MOST)) == MOST
    with pytest.raises(FileRefusedError, match=r"has .*, and .* are the most that is read"):
        folders.read("huge.csv", most_bytes=MOST)


def test_a_file_that_does_not_tell_its_size_is_read_up_to_its_most():
    folders = Folders.of(Path("/proc/self"))
    with pytest.raises(FileRefusedError, match="the most that is read"):
        folders.read("maps", most_bytes=50)


@pytest.mark.parametrize("name", ["a\0b", "\0"])
def test_a_name_with_nul_is_no_path(plans, name):
    with pytest.raises(FileRefusedError, match="not the path of a file"):
        Folders.of(plans).read(name, most_bytes=MOST)


def test_what_is_not_there_is_left_to_whoever_opens_it(plans):
    folders = Folders.of(plans)
    assert folders.place("later.pem") == plans / "later.pem"
    with pytest.raises(FileNotFoundError):
        folders.read("later.pem", most_bytes=MOST)


def test_links_that_lead_round_in_a_circle_end(plans):
    (plans / "a.csv").symlink_to("b.csv")
    (plans / "b.csv").symlink_to("a.csv")
    with pytest.raises(OSError, match="symbolic links"):
        Folders.of(plans).read("a.csv", most_bytes=MOST)
