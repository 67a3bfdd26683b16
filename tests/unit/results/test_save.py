"""Saving: whole or not at all."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import orjson
import pytest

from wedload.results.document import document_of
from wedload.results.save import encode, save


def test_file_is_written_with_its_folder_if_that_is_asked_for(tmp_path):
    path = tmp_path / "a" / "b" / "r.json"

    save(b"{}", path, make_folder=True)

    assert path.read_bytes() == b"{}"
    assert [one.name for one in path.parent.iterdir()] == ["r.json"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_who_may_read_it_is_what_the_umask_says(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        save(b"{}", tmp_path / "r.json", make_folder=False)
    finally:
        os.umask(before)

    assert (tmp_path / "r.json").stat().st_mode & 0o777 == mode


def test_folders_that_are_made_for_it_are_their_owners_alone(tmp_path):
    (tmp_path / "there").mkdir(mode=0o755)

    save(b"{}", tmp_path / "there" / "a" / "b" / "r.json", make_folder=True)

    modes = [(tmp_path / "there" / one).stat().st_mode & 0o777 for one in ("", "a", "a/b")]
    assert modes == [0o755, 0o700, 0o700]


def test_a_link_of_another_user_is_not_followed(tmp_path, monkeypatch):
    (tmp_path / "precious").write_bytes(b"old")
    link = tmp_path / "r.json"
    link.symlink_to("precious")
    monkeypatch.setattr(os, "getuid", lambda: link.lstat().st_uid + 1)
    if link.lstat().st_uid == 0:  # root's links are root's own: give it to somebody
        os.chown(link, 12345, 12345, follow_symlinks=False)

    with pytest.raises(PermissionError, match="a link that another user has made"):
        save(b"{}", link, make_folder=False)

    assert (tmp_path / "precious").read_bytes() == b"old"


def test_missing_folder_is_an_error_if_it_is_not_to_be_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        save(b"{}", tmp_path / "a" / "r.json", make_folder=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_failure_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch, fails):
    path = tmp_path / "r.json"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if fails == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OSError, match="No space left"):
        save(b"new" * 1000, path, make_folder=False)

    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["r.json"]


def test_interrupt_while_saving_leaves_no_half_file_either(tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(b"new", tmp_path / "r.json", make_folder=False)

    assert list(tmp_path.iterdir()) == []


def test_reader_sees_the_old_or_the_new_file_and_never_a_part(tmp_path):
    path = tmp_path / "r.json"
    versions = [bytes([65 + n]) * 300_000 for n in range(2)]
    save(versions[0], path, make_folder=False)
    seen, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(30):
        save(versions[number % 2], path, make_folder=False)
    stop.set()
    reader.join()

    assert seen <= set(versions)


def test_what_is_no_file_is_written_to_and_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    save(b"x" * 200_000, pipe, make_folder=False)

    reader.join(10)
    assert read == [b"x" * 200_000]
    assert pipe.is_fifo()
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]


def test_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "7.json").write_bytes(b"old")
    link = tmp_path / "latest.json"
    link.symlink_to("runs/7.json")

    save(b"new", link, make_folder=False)

    assert link.is_symlink()
    assert (tmp_path / "runs" / "7.json").read_bytes() == b"new"
    assert not (tmp_path / "runs" / "7.json").is_symlink()


def test_folder_is_no_file_to_save_to(tmp_path):
    with pytest.raises(IsADirectoryError):
        save(b"x", tmp_path, make_folder=False)


def test_encoded_result_is_the_result_with_a_line_for_each_list_of_numbers(make):
    result = document_of(make(["look", "buy"], {"All": "http_reqs: count > 1"}, seconds=40).run)

    data = encode(result)

    assert orjson.loads(data) == orjson.loads(orjson.dumps(result))
    lines = data.decode().splitlines()
    assert sum('"encoded":' in line for line in lines) == len(result["histograms"])
    assert sum(line.startswith('    "second": [0,1,2,') for line in lines) == 1


def test_result_of_a_run_without_samples_is_json_too(make):
    result = document_of(make(seconds=0, benchmarks={"Q": "http_req_duration: p95 < 1s"}).run)

    assert orjson.loads(encode(result))["benchmarks"][0]["observed"] is None
    assert result["series"] == {"second": [], "vus": [], "counters": [], "rates": [], "trends": []}
