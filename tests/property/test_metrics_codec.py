"""Any histogram is read back, by us and by HdrHistogram; any other text is refused."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from hdrh.histogram import HdrHistogram
from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.metrics.codec import decode, encode
from wedload.metrics.histogram import HIGHEST_NS, Histogram, bucket_edges, bucket_of

SETTINGS = settings(deadline=None)
VALUES = st.one_of(st.integers(1, 4_000), st.integers(1, HIGHEST_NS))
COUNTS = st.one_of(st.integers(1, 200), st.integers(1, 2**45))
HISTOGRAMS = st.dictionaries(VALUES, COUNTS, max_size=40)
HEADER = struct.Struct(">IIIIQQd")


def counted(counts):
    """A histogram with these counts of these values."""
    cells: dict[int, int] = {}
    for value, count in counts.items():
        index = int(bucket_of(np.array([value]))[0])
        cells[index] = cells.get(index, 0) + count
    indices = np.array(sorted(cells), np.int64)
    return Histogram(
        indices,
        np.array([cells[index] for index in indices.tolist()], np.int64),
        sum(counts.values()),
        sum(value * count for value, count in counts.items()),
        min(counts, default=0),
        max(counts, default=0),
    )


def decoded_or_refused(text):
    try:
        histogram = decode(text)
    except ValueError:
        return
    assert (histogram.counts > 0).all()
    assert (np.diff(histogram.indices) > 0).all()
    assert histogram.count == sum(histogram.counts.tolist())


@SETTINGS
@given(HISTOGRAMS)
def test_any_histogram_is_read_back(counts):
    histogram = counted(counts)
    again = decode(encode(histogram))
    assert again.indices.tolist() == histogram.indices.tolist()
    assert again.counts.tolist() == histogram.counts.tolist()
    assert again.count == histogram.count
    assert abs(again.sum_ns - histogram.sum_ns) <= histogram.sum_ns / 1_000


@settings(deadline=None, max_examples=40)
@given(HISTOGRAMS)
def test_hdrhistogram_reads_the_same_counts(counts):
    histogram = counted(counts)
    theirs = HdrHistogram.decode(encode(histogram))
    assert theirs.get_total_count() == histogram.count
    lowest, _ = bucket_edges(histogram.indices)
    assert [theirs.get_count_at_value(low) for low in lowest.tolist()] == (
        histogram.counts.tolist()
    )


@settings(deadline=None, max_examples=40)
@given(HISTOGRAMS)
def test_we_read_what_hdrhistogram_writes(counts):
    theirs = HdrHistogram(1, HIGHEST_NS, 3)
    for value, count in counts.items():
        theirs.record_value(value, count)
    histogram = counted(counts)
    again = decode(theirs.encode().decode())
    assert again.indices.tolist() == histogram.indices.tolist()
    assert again.counts.tolist() == histogram.counts.tolist()


@SETTINGS
@given(st.text(max_size=200))
def test_any_text_is_decoded_or_refused_with_a_value_error(text):
    decoded_or_refused(text)


@SETTINGS
@given(st.binary(max_size=200))
def test_any_bytes_behind_base64_are_decoded_or_refused_with_a_value_error(raw):
    decoded_or_refused(base64.b64encode(raw).decode())


@settings(deadline=None, max_examples=300)
@given(
    payload=st.one_of(
        st.binary(max_size=40),
        st.lists(st.sampled_from([b"\x80", b"\xff", b"\x02", b"\x03", b"\x00"])).map(b"".join),
    ),
    surplus=st.integers(-3, 3) | st.integers(0, 2**31),
)
def test_any_payload_is_decoded_or_refused_with_a_value_error(payload, surplus):
    length = max(len(payload) + surplus, 0) if surplus else len(payload)
    body = zlib.compress(HEADER.pack(0x1C849313, length, 0, 3, 1, HIGHEST_NS, 1.0) + payload)
    outer = struct.pack(">II", 0x1C849314, len(body))
    decoded_or_refused(base64.b64encode(outer + body).decode())


@SETTINGS
@given(HISTOGRAMS, st.data())
def test_a_truncated_encoding_is_refused(counts, data):
    raw = base64.b64decode(encode(counted(counts)))
    cut = data.draw(st.integers(0, len(raw) - 1))
    try:
        decode(base64.b64encode(raw[:cut]).decode())
    except ValueError:
        return
    raise AssertionError("a truncated histogram was taken for a whole one")
