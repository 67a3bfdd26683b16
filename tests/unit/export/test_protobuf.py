"""Wire types of protobuf, read back by Google's."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf.wrappers_pb2 import BytesValue, DoubleValue, StringValue, UInt64Value
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.prompb import read
from wedload.export.protobuf import double, embedded, number, packed_sint, text, varint, zigzag

INT64 = st.integers(-(2**62), 2**62)


@given(st.integers(0, 2**64 - 1))
def test_numbers(value):
    assert UInt64Value.FromString(number(1, value)).value == value


@given(st.floats(allow_nan=False))
def test_doubles(value):
    assert DoubleValue.FromString(double(1, value)).value == value


@given(st.text())
def test_texts(value):
    assert StringValue.FromString(text(1, value)).value == value


@given(st.binary(max_size=300))
def test_bytes(value):
    assert BytesValue.FromString(embedded(1, value)).value == value


@given(st.lists(INT64 | st.integers(-200, 200)))
def test_many_signed_numbers_at_once(values):
    histogram = packed_sint(12, np.array(values, np.int64))
    (found,) = read(embedded(1, embedded(4, histogram))).timeseries
    assert list(found.histograms[0].positive_deltas) == values


@given(st.integers(-(2**31), 2**31 - 1))
def test_signed_numbers(value):
    (found,) = read(embedded(1, embedded(4, number(4, zigzag(value))))).timeseries
    assert found.histograms[0].schema == value


@pytest.mark.parametrize(("value", "length"), [(0, 1), (127, 1), (128, 2), (2**14, 3)])
def test_a_number_is_no_longer_than_it_must_be(value, length):
    assert len(varint(value)) == length


def test_what_is_no_unicode_does_not_keep_the_rest():
    assert StringValue.FromString(text(1, "a\ud800b")).value == "a?b"
