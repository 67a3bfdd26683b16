"""What is read of a file for a history: all of a result's head, and nothing of other files."""

from __future__ import annotations

import orjson
import pytest

from tests.helpers.small_result import document
from wedload.results.headline import read_headline


@pytest.mark.parametrize("option", [0, orjson.OPT_SORT_KEYS])
def test_result_is_one_in_whatever_order_its_keys_are(tmp_path, option):
    file = tmp_path / "result.json"
    file.write_bytes(orjson.dumps(document(), option=option))

    head = read_headline(file)

    assert head is not None
    assert head.run.id == "20261124-010203-abcd"


@pytest.mark.parametrize(
    "text", ["[]", '{"schema": "wedload.comparison/1"}', '{"note": "wedload.result/1"}', "nonsense"]
)
def test_other_files_are_none(tmp_path, text):
    file = tmp_path / "other.json"
    file.write_text(text)

    assert read_headline(file) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ('{"schema": "wedload.result/1", "run": {', "not JSON"),
        ('{"schema": "wedload.result/2"}', "not a result that this wedload reads: schema"),
        ('{"schema": "wedload.result/1"}', "not a result that this wedload reads: run: Field"),
    ],
)
def test_broken_result_is_said_to_be_one(tmp_path, text, why):
    file = tmp_path / "result.json"
    file.write_text(text)

    with pytest.raises(ValueError, match=why):
        read_headline(file)
