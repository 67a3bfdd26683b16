"""A folder as a side of a comparison: what is taken of it, and what is said of the rest."""

from __future__ import annotations

import orjson
import pytest

from tests.helpers.small_result import document
from wedload.cli.sides import read_side
from wedload.errors import ResultError
from wedload.results.save import encode


@pytest.fixture
def folder(tmp_path):
    """Holds a result, and other files."""
    (tmp_path / "good.json").write_bytes(orjson.dumps(document()))
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "package.json").write_text('{"schema": 1}')
    return tmp_path


def test_other_files_of_a_folder_are_passed_over(folder):
    side = read_side(folder)

    assert len(side.results) == 1
    assert side.left_out == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"),
        ('{"schema": "wedload.result/1", "run"', "is not JSON"),
        ('{"schema": "wedload.result/2"}', "is a result of another version: wedload.result/2"),
    ],
)
def test_what_may_be_a_result_and_cannot_be_read_is_named(folder, text, why):
    (folder / "odd.json").write_text(text)

    (left_out,) = read_side(folder).left_out

    assert f"{folder / 'odd.json'} {why}" in left_out


def test_folder_of_broken_results_is_refused_with_their_names(tmp_path):
    (tmp_path / "half.json").write_text("{")

    with pytest.raises(ResultError, match=r"holds no result; left out: .*half\.json is not JSON"):
        read_side(tmp_path)


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
    assert cut.startswith(f"left out: {tmp_path / 'cut.json'} is not JSON (line ")
    assert empty.startswith(f"left out: {tmp_path / 'empty.json'} is not JSON (line ")
    assert newer.endswith("newer.json is a result of another version: wedload.result/9")
