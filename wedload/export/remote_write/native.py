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


def native(histogram: Histogram, per: int, at_ms: int) -> bytes:
    """A distribution, in the unit of which `per` of what the histogram holds are one."""
    found = exponential(histogram, per)
    content = (
        number(_COUNT, histogram.count)
        + double(_SUM, histogram.sum_ns / per)
        + number(_SCHEMA, zigzag(found.schema))
        + number(_ZERO_COUNT, 0)  # durations are never 0
        + b"".join(_spans(found.indices))
        + packed_sint(_DELTAS, np.diff(found.counts, prepend=0))
        + number(_TIMESTAMP, at_ms)
    )
    return embedded(_HISTOGRAM, content)


def native_end(at_ms: int) -> bytes:
    """The marker that a series of distributions has ended: its sum is the NaN that says so."""
    return embedded(_HISTOGRAM, varint(_SUM << 3 | 1) + STALE + number(_TIMESTAMP, at_ms))


def _spans(indices: NDArray[np.int64]) -> list[bytes]:
    """Runs of buckets without a gap: each begins so far behind the end of the one before."""
    if not indices.size:
        return []
    begins = np.flatnonzero(np.diff(indices, prepend=indices[0] - 2) > 1)
    lengths = np.diff(begins, append=indices.size)
    firsts = indices[begins]
    offsets = np.diff(firsts, prepend=0)
    offsets[1:] -= lengths[:-1]
    return [
        embedded(_SPAN, number(_OFFSET, zigzag(offset)) + number(_LENGTH, length))
        for offset, length in zip(offsets.tolist(), lengths.tolist(), strict=True)
    ]
