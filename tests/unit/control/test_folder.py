"""The folder of control sockets belongs to its user alone, or is not used."""

from __future__ import annotations

import os

import pytest

from wedload.control.folder import is_owners_alone, make_control_folder, open_runs
from wedload.errors import WedloadError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / f"wedload-{os.getuid()}"


def test_it_is_made_for_its_owner_alone_whatever_the_umask(folder):
    before = os.umask(0)
    try:
        made = make_control_folder()
    finally:
        os.umask(before)

    assert made == folder
    assert is_owners_alone(folder)


def shared(folder):
    folder.mkdir()
    folder.chmod(0o750)


def linked(folder):
    target = folder.with_name("elsewhere")
    target.mkdir(mode=0o700)
    folder.symlink_to(target)


def dangling(folder):
    folder.symlink_to("nowhere")


def a_file(folder):
    folder.touch(mode=0o600)


@pytest.mark.parametrize("put", [shared, linked, dangling, a_file])
def test_what_is_there_already_and_not_its_owners_alone_is_not_used(folder, put):
    put(folder)

    with pytest.raises((FileExistsError, PermissionError)):
        make_control_folder()
    with pytest.raises(WedloadError, match="only its owner can enter"):
        open_runs()


def test_one_of_another_user_is_not_used(folder, monkeypatch):
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)

    assert not is_owners_alone(folder)


def test_where_anybody_could_exchange_it_none_is_made(folder):
    folder.parent.chmod(0o777)
    with pytest.raises(PermissionError, match="anybody could put another folder"):
        make_control_folder()

    folder.parent.chmod(0o1777)  # as /tmp is
    assert make_control_folder() == folder
