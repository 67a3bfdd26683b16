"""Journals that are written to the disk by another process than theirs."""

from __future__ import annotations

import os
import resource
import threading
from pathlib import Path

import pytest

from wedload.errors import JournalError
from wedload.safety.journal import disk
from wedload.safety.journal.disk import WrittenOften, write_all
from wedload.safety.journal.file import create, reopen
from wedload.safety.journal.writer import open_load_journal


@pytest.fixture
def synced(monkeypatch):
    """The files that were written to the disk, by their names; what is called after each."""
    names, after, really = [], [], os.fdatasync

    def fdatasync(descriptor):
        really(descriptor)
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        for call in after:
            call()

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    return names, after


def test_all_journals_of_a_folder_are_written_and_stay_whose_they_are(tmp_path, synced):
    names, _ = synced
    files = [create(str(tmp_path / name)) for name in ("run.jsonl", "load-0.jsonl")]
    files[1].append(b'{"n":1}\n')
    (tmp_path / "notes.txt").write_text("no journal")
    (tmp_path / "elsewhere.jsonl").symlink_to(tmp_path / "notes.txt")

    assert write_all(str(tmp_path)) == 2
    assert sorted(names) == ["load-0.jsonl", "run.jsonl"]
    with pytest.raises(JournalError, match="another process writes it"):
        reopen(str(tmp_path / "load-0.jsonl"))
    for file in files:
        file.close()


def test_a_thread_does_it_again_and_again_until_it_is_stopped(tmp_path, synced, monkeypatch):
    monkeypatch.setattr(disk, "_EACH_S", 0.001)
    names, after = synced
    thrice = threading.Event()
    after.append(lambda: thrice.set() if len(names) == 3 else None)
    journal = open_load_journal(str(tmp_path), 0, {})

    writing = WrittenOften(str(tmp_path))
    assert thrice.wait(30)
    writing.stop()
    stopped = len(names)
    journal.close()

    assert set(names[:stopped]) == {"load-0.jsonl", "load-0.count"}
    assert len(names) == stopped


def test_a_disk_that_fails_ends_nothing(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    create(str(tmp_path / "load-0.jsonl")).append(b'{"n":1}\n')

    assert write_all(str(tmp_path)) == 0


def test_where_nothing_can_be_opened_nothing_is_written(tmp_path):
    create(str(tmp_path / "load-0.jsonl"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        written = write_all(str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert written == 0
    assert write_all(str(tmp_path)) == 1
    assert write_all(str(tmp_path / "gone")) == 0


def test_the_journal_of_a_load_process_has_no_thread(tmp_path):
    before = threading.active_count()
    journal = open_load_journal(str(tmp_path), 0, {})

    assert threading.active_count() == before
    journal.close()
