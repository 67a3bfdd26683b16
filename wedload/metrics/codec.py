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

from wedload.metrics.histogram import EMPTY, HIGHEST_NS, Histogram, bucket_edges, bucket_of

_COOKIE: Final = 0x1C849303 | 0x10  # V2; the low nibble's 1 says counts are LEB128 words
_COMPRESSED_COOKIE: Final = 0x1C849304 | 0x10
_MOST_BYTES: Final = 1_000_000  # every bucket of the layout with nine bytes is a third of it
_HEADER: Final = struct.Struct(">IIIIQQd")
_OUTER: Final = struct.Struct(">II")
_DIGITS: Final = 3
_LAYOUT: Final = (0, _DIGITS, 1, HIGHEST_NS, 1.0)  # of a header, from its offset on
_HIGHEST_INDEX: Final = int(bucket_of(np.array([HIGHEST_NS]))[0])


def encode(histogram: Histogram) -> str:
    """Encode as base64 text."""
    payload = bytearray()
    at = 0
    for index, count in zip(histogram.indices.tolist(), histogram.counts.tolist(), strict=True):
        if index > at:
            _put(payload, at - index)
        _put(payload, count)
        at = index + 1
    header = _HEADER.pack(_COOKIE, len(payload), *_LAYOUT)
    body = zlib.compress(header + payload)
    return base64.b64encode(_OUTER.pack(_COMPRESSED_COOKIE, len(body)) + body).decode()


def decode(text: str) -> Histogram:
    """Decode what `encode` wrote; sum, min and max come from the buckets' edges (within 0.1 %).

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
    if header[2:] != _LAYOUT:
        raise ValueError(f"an HdrHistogram of another layout: {header[2:]}")
    indices, counts = _buckets(body[_HEADER.size :], header[1])
    if not indices:
        return EMPTY
    where = np.array(indices, np.int64)
    lowest, highest = bucket_edges(where)
    middles = ((lowest + highest) // 2).tolist()
    total = sum(middle * count for middle, count in zip(middles, counts, strict=True))
    many = np.array(counts, np.int64)
    return Histogram(where, many, sum(counts), total, int(lowest[0]), int(highest[-1]))


def _buckets(payload: bytes, length: int) -> tuple[list[int], list[int]]:
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
    if indices and indices[-1] > _HIGHEST_INDEX:
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
