"""What a comparison takes of a file or folder, and what it says of the rest."""

from __future__ import annotations

import pytest

from tests.small_result import document
from wedload.cli.sides import read_side
from wedload.errors import ResultError
from wedload.results.save import encode


def test_broken_results_in_a_folder_are_told_of_and_other_files_are_not(tmp_path):
    whole = encode(document())
    (tmp_path / "a.json").write_bytes(whole)
    (tmp_path / "cut.json").write_bytes(whole[:200])
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "newer.json").write_text('{"schema": "wedload.result/9"}')
    (tmp_path / "comparison.json").write_text('{"schema": "wedload.comparison/1"}')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "notes.json").write_text("notes")

    side = read_side(tmp_path)

    assert side.files == (tmp_path / "a.json",)
    cut, empty, newer = side.left_out
    assert cut.startswith(f"{tmp_path / 'cut.json'} is not JSON (line ")
    assert empty.startswith(f"{tmp_path / 'empty.json'} is not JSON (line ")
    assert newer.endswith("newer.json has the schema 'wedload.result/9', not 'wedload.result/1'")


def test_a_folder_of_broken_results_alone_says_why_each_is_none(tmp_path):
    (tmp_path / "empty.json").write_bytes(b"")

    with pytest.raises(ResultError, match=r"holds no result; .*empty\.json is not JSON"):
        read_side(tmp_path)
