"""Histograms as bytes: many of them in one piece to send, or one to keep.

A load process hands over hundreds of histograms four times a second, and the coordinator keeps one
a step and second. As objects they cost both sides more than what is in them. Exact, unlike the
interchange encoding: see wedload.metrics.codec.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from wedload.metrics.histogram import EMPTY, Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence


#: of a squeezed histogram: buckets, bytes of a step and of a count, count, min, max, sum
_SUM_BYTES: Final = 16  # hours of years do not fit into eight
_HEAD: Final = struct.Struct(f"=IBBqqq{_SUM_BYTES}s")


class Packed(NamedTuple):
    """Histograms in one piece."""

    figures: list[tuple[int, int, int, int, int]]  # buckets, count, sum, min, max of each
    indices: bytes  # uint16, of all in order
    counts: bytes
    counts_type: str  # the smallest that holds them


def pack(histograms: Sequence[Histogram]) -> Packed:
    """Put histograms into one piece, as small as is quick."""
    if not histograms:
        return Packed([], b"", b"", "u1")
    indices = np.concatenate([one.indices for one in histograms])
    counts = np.concatenate([one.counts for one in histograms])
    counts_type = np.min_scalar_type(int(counts.max(initial=0)))
    figures = [
        (len(one.indices), one.count, one.sum_ns, one.min_ns, one.max_ns) for one in histograms
    ]
    return Packed(
        figures,
        indices.astype(np.uint16).tobytes(),
        counts.astype(counts_type).tobytes(),
        counts_type.str,
    )


def unpack(packed: Packed) -> list[Histogram]:
    """What was packed."""
    indices = np.frombuffer(packed.indices, np.uint16).astype(np.int64)
    counts = np.frombuffer(packed.counts, packed.counts_type).astype(np.int64)
    histograms = []
    at = 0
    for buckets, count, sum_ns, min_ns, max_ns in packed.figures:
        end = at + buckets
        histograms.append(
            Histogram(indices[at:end], counts[at:end], count, sum_ns, min_ns, max_ns)
            if count
            else EMPTY
        )
        at = end
    return histograms


def squeeze(histogram: Histogram) -> bytes:
    """One histogram in as few bytes as is reasonable, to be kept for a whole run."""
    indices = np.diff(histogram.indices, prepend=0)  # mostly small steps
    steps_type = np.min_scalar_type(int(indices.max(initial=0)))
    counts_type = np.min_scalar_type(int(histogram.counts.max(initial=0)))
    sum_ns = histogram.sum_ns.to_bytes(_SUM_BYTES, "big", signed=True)
    head = _HEAD.pack(
        len(indices), steps_type.itemsize, counts_type.itemsize, histogram.count,
        histogram.min_ns, histogram.max_ns, sum_ns,
    )  # fmt: skip
    return zlib.compress(
        head
        + indices.astype(steps_type).tobytes()
        + histogram.counts.astype(counts_type).tobytes(),
        1,
    )


def unsqueeze(data: bytes) -> Histogram:
    """What was squeezed."""
    raw = zlib.decompress(data)
    buckets, steps_bytes, counts_bytes, count, min_ns, max_ns, sum_ns = _HEAD.unpack_from(raw)
    if not count:
        return EMPTY
    steps = np.frombuffer(raw, f"u{steps_bytes}", buckets, _HEAD.size)
    counts = np.frombuffer(raw, f"u{counts_bytes}", buckets, _HEAD.size + buckets * steps_bytes)
    return Histogram(
        np.cumsum(steps, dtype=np.int64), counts.astype(np.int64),
        count, int.from_bytes(sum_ns, "big", signed=True), min_ns, max_ns,
    )  # fmt: skip
