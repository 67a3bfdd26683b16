"""Which files of a folder can be results."""

from __future__ import annotations

import os

import pytest

from wedload.errors import ResultError
from wedload.results.read import json_files, read_result


def test_only_files_are_looked_at_in_a_folder(tmp_path):
    (tmp_path / "a" / "folder.json").mkdir(parents=True)
    (tmp_path / "a" / "folder.json" / "in.json").write_text("{}")
    (tmp_path / "b.json").write_text("{}")
    os.mkfifo(tmp_path / "pipe.json")  # whoever opens it waits for ever

    names = [str(one.relative_to(tmp_path)) for one in json_files(tmp_path)]

    assert names == ["a/folder.json/in.json", "b.json"]


def test_a_file_that_is_larger_than_any_result_is_not_read_to_its_end(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    path.write_bytes(b"{" + b" " * 2_000_000 + b"}")
    monkeypatch.setattr("wedload.results.read.MOST_BYTES", 1_000_000)

    with pytest.raises(ResultError, match="it is larger than 1 MB"):
        read_result(path)


def test_a_file_that_is_nested_without_sense_is_no_result(tmp_path):
    path = tmp_path / "r.json"
    path.write_bytes(b'{"a":' * 600 + b"1" + b"}" * 600)

    with pytest.raises(ResultError, match="nested more than 254 levels deep"):
        read_result(path)
