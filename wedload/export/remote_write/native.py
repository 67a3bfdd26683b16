"""Native histograms of Prometheus, as remote write has them. Pure.

Sources: https://prometheus.io/docs/specs/native_histograms/; `Histogram` and `BucketSpan` in
`prompb/types.proto` of Prometheus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.export.exponential import exponential
from wedload.export.protobuf import double, embedded, number, packed_sint, varint, zigzag
from wedload.export.remote_write.messages import STALE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.metrics.histogram import Histogram

_HISTOGRAM: Final = 4  # of a TimeSeries
# numbers of fields of a Histogram …
_COUNT, _SUM, _SCHEMA, _ZERO_COUNT, _SPAN, _DELTAS, _TIMESTAMP = 1, 3, 4, 6, 11, 12, 15
# … and of a BucketSpan
_OFFSET, _LENGTH = 1, 2


def native(histogram: Histogram, per: int) -> bytes:
    """A distribution, in the unit of which `per` of what it holds are one; not yet of an instant.

    What costs is here, so that it is done once for one that stays as it is.
    """
    found = exponential(histogram, per)
    return (
        number(_COUNT, histogram.count)
        + double(_SUM, histogram.sum_ns / per)
        + number(_SCHEMA, zigzag(found.schema))
        + number(_ZERO_COUNT, 0)  # durations are never 0
        + _spans(found.indices)
        + packed_sint(_DELTAS, np.diff(found.counts, prepend=0))
    )


def native_at(content: bytes, at_ms: int) -> bytes:
    """The same at an instant."""
    return embedded(_HISTOGRAM, content + number(_TIMESTAMP, at_ms))


def native_end(at_ms: int) -> bytes:
    """The marker that a series of distributions has ended: its sum is the NaN that says so."""
    return native_at(varint(_SUM << 3 | 1) + STALE, at_ms)


def _spans(indices: NDArray[np.int64]) -> bytes:
    """Runs of buckets without a gap: each begins so far behind the end of the one before."""
    if not indices.size:
        return b""
    begins = np.flatnonzero(np.diff(indices, prepend=indices[0] - 2) > 1)
    lengths = np.diff(begins, append=indices.size)
    offsets = np.diff(indices[begins], prepend=0)
    offsets[1:] -= lengths[:-1]
    zigzagged = offsets << 1 ^ offsets >> 63
    # nearly all are six bytes then, two of which differ
    short = np.tile(_SHORT_SPAN, (begins.size, 1))
    short[:, 3], short[:, 5] = zigzagged & 127, lengths & 127
    parts, done = [], 0
    for at in np.flatnonzero((zigzagged > 127) | (lengths > 127)).tolist():
        parts += [short[done:at].tobytes(), _span(int(zigzagged[at]), int(lengths[at]))]
        done = at + 1
    return b"".join((*parts, short[done:].tobytes()))


def _span(offset: int, length: int) -> bytes:
    """One of them; `offset` is zigzagged."""
    return embedded(_SPAN, number(_OFFSET, offset) + number(_LENGTH, length))


_SHORT_SPAN: Final = np.frombuffer(_span(0, 0), np.uint8)
