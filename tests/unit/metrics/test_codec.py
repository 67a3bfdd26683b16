"""The interchange encoding, against HdrHistogram's own Python implementation."""

from __future__ import annotations

import base64
import random
import struct
import zlib

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram

from wedload.metrics.codec import decode, encode
from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram, bucket_edges, bucket_of

RNG = random.Random(3)
SAMPLES = {
    "one": [1],
    "neighbours": [1000, 1001, 1002, 2047, 2048, 2050],
    "the whole range": [2**power for power in range(41)] + [HIGHEST_NS],
    "a lognormal": [round(RNG.lognormvariate(17, 2)) for _ in range(5_000)],
    "many in one bucket": [40_000_000] * 70_000,
    "gaps and runs": [value for value in range(1, 3_000, 7) for _ in range(value % 130)],
}
HEADER = struct.Struct(">IIIIQQd")
COOKIE, OUTER_COOKIE = 0x1C849303 | 0x10, 0x1C849304 | 0x10


def oracle(values=()):
    histogram = HdrHistogram(1, HIGHEST_NS, 3)
    for value in values:
        histogram.record_value(value)
    return histogram


def wrapped(
    payload: bytes,
    *,
    length: int | None = None,
    cookie: int = COOKIE,
    outer: int = OUTER_COOKIE,
    header: tuple = (0, 3, 1, HIGHEST_NS, 1.0),
) -> str:
    """A text in the encoding, with whatever is wrong in it."""
    size = len(payload) if length is None else length
    body = zlib.compress(HEADER.pack(cookie, size, *header) + payload)
    return base64.b64encode(struct.pack(">II", outer, len(body)) + body).decode()


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES.keys())
def test_what_is_encoded_is_decoded_to_the_same_buckets(values):
    histogram = Histogram.of(values)
    again = decode(encode(histogram))
    assert again.indices.tolist() == histogram.indices.tolist()
    assert again.counts.tolist() == histogram.counts.tolist()
    assert again.count == len(values)
    assert again.min_ns == pytest.approx(min(values), rel=0.001)
    assert again.max_ns == pytest.approx(max(values), rel=0.001)
    assert again.sum_ns == pytest.approx(sum(values), rel=0.001)


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES.keys())
def test_hdrhistogram_reads_our_encoding(values):
    histogram = Histogram.of(values)
    theirs = HdrHistogram.decode(encode(histogram))
    assert theirs.get_total_count() == len(values)
    lowest, _ = bucket_edges(histogram.indices)
    for value, count in zip(lowest.tolist(), histogram.counts.tolist(), strict=True):
        assert theirs.get_count_at_value(value) == count
    for percent in (1, 50, 90, 99):
        assert theirs.get_value_at_percentile(percent) == pytest.approx(
            histogram.quantile_ns(percent / 100), rel=0.001
        )


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES.keys())
def test_we_read_the_encoding_of_hdrhistogram(values):
    theirs = decode(oracle(values).encode().decode())
    ours = Histogram.of(values)
    assert theirs.indices.tolist() == ours.indices.tolist()
    assert theirs.counts.tolist() == ours.counts.tolist()


def test_hdrhistogram_puts_each_value_into_the_bucket_that_we_do():
    theirs = oracle()
    rng = random.Random(5)
    values = [rng.randint(1, 2 ** rng.randint(1, 41)) for _ in range(2_000)]
    values += [2**power + by for power in range(2, 41) for by in (-1, 0, 1)]
    lowest, highest = bucket_edges(bucket_of(np.array(values)))
    for value, low, high in zip(values, lowest.tolist(), highest.tolist(), strict=True):
        assert theirs.get_lowest_equivalent_value(value) == low
        assert theirs.get_highest_equivalent_value(value) == high


def test_both_write_the_same_bytes():
    values = SAMPLES["gaps and runs"]
    ours, theirs = (
        zlib.decompress(base64.b64decode(text)[8:])
        for text in (encode(Histogram.of(values)), oracle(values).encode())
    )
    assert ours == theirs


def test_an_empty_histogram_survives_in_both_directions():
    assert decode(encode(EMPTY)).count == 0
    assert HdrHistogram.decode(encode(EMPTY)).get_total_count() == 0
    assert decode(oracle().encode().decode()).count == 0


@pytest.mark.parametrize(
    "count", [1, 63, 64, 8_191, 8_192, 2**20, 2**31, 2**40, 2**55, 2**56, 2**61]
)
def test_counts_of_every_length_keep_their_value(count):
    histogram = Histogram(np.array([9]), np.array([count]), count, 9 * count, 9, 9)
    again = decode(encode(histogram))
    assert again.counts.tolist() == [count]
    assert again.count == count


def test_the_sum_of_very_many_samples_does_not_overflow():
    index = bucket_of(np.array([HIGHEST_NS]))
    histogram = Histogram(index, np.array([2**40]), 2**40, 0, HIGHEST_NS, HIGHEST_NS)
    assert decode(encode(histogram)).mean_ns == pytest.approx(HIGHEST_NS, rel=0.001)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a compressed HdrHistogram"),
        ("HISTFAAA", "not a compressed HdrHistogram"),
        ("not base64!", "not a compressed HdrHistogram"),
        ("ümläut", "not a compressed HdrHistogram"),
        (wrapped(b"", outer=7), "not a V2 compressed HdrHistogram"),
        (wrapped(b"", cookie=COOKIE & ~0xF), "not a V2 compressed HdrHistogram"),
        (wrapped(b"", header=(0, 4, 1, HIGHEST_NS, 1.0)), "another layout"),
        (wrapped(b"", header=(0, 3, 1000, HIGHEST_NS, 1.0)), "another layout"),
        (wrapped(b"", header=(0, 3, 1, 2 * HIGHEST_NS, 1.0)), "another layout"),
        (wrapped(b"\x02", header=(5, 3, 1, HIGHEST_NS, 1.0)), "another layout"),
        (wrapped(b"\x02", header=(0, 3, 1, HIGHEST_NS, 2.0)), "another layout"),
        (wrapped(b"\x02", length=9), "should have 9"),
        (wrapped(b"\x02\x02", length=1), "should have 1"),
        (wrapped(b"\x80"), "ends within a number"),
        (wrapped(b"\xff" * 9 + b"\x02"), "above the highest"),
        (wrapped(b"\xff\xff\xff\xff\x0f\x02"), "above the highest"),
    ],
)
def test_what_is_not_this_encoding_is_refused_with_a_reason(text, message):
    with pytest.raises(ValueError, match=message):
        decode(text)


def test_a_histogram_of_another_precision_is_refused():
    with pytest.raises(ValueError, match="another layout"):
        decode(HdrHistogram(1, HIGHEST_NS, 1).encode().decode())


# --- with 2 significant digits --------------------------------------------------------------------


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES.keys())
def test_both_put_values_into_the_same_wider_buckets(values):
    theirs = HdrHistogram(1, HIGHEST_NS, 2)
    for value in values:
        theirs.record_value(value)
    text = encode(Histogram.of(values), 2)

    ours, others = (zlib.decompress(base64.b64decode(one)[8:]) for one in (text, theirs.encode()))

    assert ours == others
    assert decode(text).counts.tolist() == decode(theirs.encode().decode()).counts.tolist()


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES.keys())
def test_wider_buckets_keep_quantiles_within_a_bucket(values):
    exact, coarse = Histogram.of(values), decode(encode(Histogram.of(values), 2))

    assert coarse.count == exact.count
    for q in (0.01, 0.5, 0.95, 0.999):
        assert coarse.quantile_ns(q) == pytest.approx(exact.quantile_ns(q), rel=0.008)
    again = coarse.coarse()
    assert again.indices.tolist() == coarse.indices.tolist()  # there is nothing more to lose
    assert again.counts.tolist() == coarse.counts.tolist()
