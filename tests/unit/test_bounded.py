"""Files and JSON of others are read within limits."""

from __future__ import annotations

import pickle

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.bounded import MOST_NESTED, parse_json, read_bounded


def nested(levels: int, begin: bytes = b"[", end: bytes = b"]") -> bytes:
    return begin * levels + end * levels


@given(st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=500,
))  # fmt: skip
def test_what_is_not_nested_deeply_is_what_it_is(value):
    assert parse_json(orjson.dumps(value)) == value


@pytest.mark.parametrize("levels", [1, 100, MOST_NESTED])
def test_as_deep_as_is_taken_can_be_compared_and_handed_on(levels):
    one, other = parse_json(nested(levels)), parse_json(nested(levels))

    assert one == other
    assert pickle.loads(pickle.dumps(one)) == other


@pytest.mark.parametrize("levels", [MOST_NESTED + 1, 600, 1_000, 5_000, 200_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":[', b"]}")])
def test_deeper_json_is_no_json(levels, brackets):
    with pytest.raises(ValueError, match=r"nested|Recursion|depth"):
        parse_json(nested(levels, *brackets).replace(b"[]", b"[1]"))


def test_many_brackets_beside_each_other_are_not_deep():
    assert len(parse_json(b"[" + b",".join([b"[]"] * 10_000) + b"]")) == 10_000


def test_brackets_in_texts_count_for_nothing():
    text = "[{" * 5_000
    assert parse_json(orjson.dumps([text])) == [text]


def test_a_file_is_read_up_to_its_limit(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_bytes(b"x" * 1_000_000)
    assert len(read_bounded(file, 1_000_000)) == 1_000_000

    file.write_bytes(b"x" * 1_000_001)
    with pytest.raises(OSError, match="it is larger than 1 MB"):
        read_bounded(file, 1_000_000)


def test_one_without_an_end_is_not_read_to_it():
    with pytest.raises(OSError, match="it is larger than 1 MB"):
        read_bounded("/dev/zero", 1_000_000)
