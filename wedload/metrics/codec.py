"""HdrHistogram's interchange encoding (V2, compressed, base64), so that its own tools read ours.

Source: HdrHistogram `AbstractHistogram.encodeIntoCompressedByteBuffer`: a big-endian header
(cookie, payload length, normalizing offset, digits, lowest, highest, ratio), then the counts as
zig-zag LEB128 numbers where a negative one is a run of zeros; deflated behind a cookie of its own.
The encoding has no exact sum, min or max: those travel beside it in the result file.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

import numpy as np

from wedload.metrics.histogram import (
    COARSE_HALF_BITS,
    EMPTY,
    HALF_BITS,
    HIGHEST_NS,
    Histogram,
    bucket_edges,
    bucket_of,
    coarse_index,
)

_COOKIE: Final = 0x1C849303 | 0x10  # V2; the low nibble's 1 says counts are LEB128 words
_COMPRESSED_COOKIE: Final = 0x1C849304 | 0x10
_MOST_BYTES: Final = 1_000_000  # every bucket of the layout with nine bytes is a third of it
_HEADER: Final = struct.Struct(">IIIIQQd")
_OUTER: Final = struct.Struct(">II")
#: significant digits -> log2 of the sub-buckets of a doubling
_HALF_BITS: Final = {2: COARSE_HALF_BITS, 3: HALF_BITS}
#: header from its offset on -> significant digits
_LAYOUTS: Final = {(0, digits, 1, HIGHEST_NS, 1.0): digits for digits in _HALF_BITS}


def encode(histogram: Histogram, digits: int = 3) -> str:
    """Encode as base64 text, with 3 or only 2 significant digits."""
    payload = bytearray()
    at = 0
    if digits == 2:
        histogram = histogram.coarse()
    indices = histogram.indices if digits == 3 else coarse_index(histogram.indices)
    for index, count in zip(indices.tolist(), histogram.counts.tolist(), strict=True):
        if index > at:
            _put(payload, at - index)
        _put(payload, count)
        at = index + 1
    header = _HEADER.pack(_COOKIE, len(payload), 0, digits, 1, HIGHEST_NS, 1.0)
    body = zlib.compress(header + payload)
    return base64.b64encode(_OUTER.pack(_COMPRESSED_COOKIE, len(body)) + body).decode()


def decode(text: str) -> Histogram:
    """Decode what `encode` wrote; sum, min and max come from the buckets' edges.

    With 2 digits, samples are in the middle of their wider bucket, as after `Histogram.coarse`.

    Raises:
        ValueError: not this encoding, or another layout than ours.
    """
    try:
        raw = base64.b64decode(text, validate=True)
        cookie, length = _OUTER.unpack_from(raw)
        inflate = zlib.decompressobj()
        body = inflate.decompress(raw[_OUTER.size : _OUTER.size + length], _MOST_BYTES)
        header = _HEADER.unpack_from(body)
    except (ValueError, struct.error, zlib.error) as error:
        raise ValueError(f"not a compressed HdrHistogram: {error}") from None
    if not inflate.eof:
        raise ValueError("a compressed HdrHistogram that is cut off, or larger than one can be")
    if cookie != _COMPRESSED_COOKIE or header[0] != _COOKIE:
        raise ValueError("not a V2 compressed HdrHistogram")
    digits = _LAYOUTS.get(header[2:])
    if digits is None:
        raise ValueError(f"an HdrHistogram of another layout: {header[2:]}")
    half_bits = _HALF_BITS[digits]
    indices, counts = _buckets(body[_HEADER.size :], header[1], half_bits)
    if not indices:
        return EMPTY
    where = np.array(indices, np.int64)
    lowest, highest = bucket_edges(where, half_bits)
    middles = (lowest + highest) // 2
    total = sum(middle * count for middle, count in zip(middles.tolist(), counts, strict=True))
    return Histogram(
        where if digits == 3 else bucket_of(np.maximum(middles, 1)),
        np.array(counts, np.int64), sum(counts), total, int(lowest[0]), int(highest[-1]),
    )  # fmt: skip


def _buckets(payload: bytes, length: int, half_bits: int) -> tuple[list[int], list[int]]:
    """Indices and counts of a payload that says to be `length` bytes long."""
    if len(payload) != length:
        raise ValueError(f"a payload of {len(payload)} bytes that should have {length}")
    indices, counts, at, position = [], [], 0, 0
    while position < length:
        number, position = _get(payload, position)
        if number < 0:
            at -= number
            continue
        if number:
            indices.append(at)
            counts.append(number)
        at += 1
    if indices and indices[-1] > bucket_of(np.array([HIGHEST_NS]), half_bits)[0]:
        raise ValueError("a bucket above the highest one")
    return indices, counts


def _put(out: bytearray, number: int) -> None:
    """Append a zig-zag LEB128 number; the ninth byte, if any, holds eight bits."""
    value = (number << 1) ^ (number >> 63)
    for _ in range(8):
        if value < 0x80:
            out.append(value)
            return
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0xFF)


def _get(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for byte in range(9):
        if position == len(data):
            raise ValueError("the payload ends within a number")
        part = data[position]
        position += 1
        if byte == 8:
            value |= part << 56
            break
        value |= (part & 0x7F) << (7 * byte)
        if part < 0x80:
            break
    return (value >> 1) ^ -(value & 1), position
