"""The messages of Prometheus' remote write 1.0, as bytes. Pure.

What a series is called is encoded once, and the same with every picture; so a `TimeSeries` is put
together of its labels and of what is new.

Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/; `prompb/remote.proto` and
`prompb/types.proto` of Prometheus.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wedload.export.protobuf import embedded, number, text, varint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.export.model import Family, FamilyKind

#: a NaN that says that a series has ended; kept as bytes, as a float is free to change its bits
STALE: Final = struct.pack("<Q", 0x7FF0000000000002)

# numbers of fields, by the message that has them
_TIME_SERIES, _METADATA = 1, 3  # WriteRequest
_LABEL, _SAMPLE = 1, 2  # TimeSeries
_NAME, _VALUE = 1, 2  # Label
_TYPE, _FAMILY, _HELP, _UNIT = 1, 2, 4, 5  # MetricMetadata
_TYPES: Final[dict[FamilyKind, int]] = {"counter": 1, "gauge": 2, "histogram": 3}
_double = struct.Struct("<d").pack
_SERIES_TAG: Final = varint(_TIME_SERIES << 3 | 2)
_SAMPLE_TAG: Final = varint(_SAMPLE << 3 | 2)
_VALUE_TAG: Final = b"\x09"  # Sample: value = 1, a double …
_TIME_TAG: Final = b"\x10"  # … and timestamp = 2, an int64: ms since the epoch


def series_labels(name: str, labels: Mapping[str, str]) -> bytes:
    """The labels of a series, sorted as they must be; empty ones are none."""
    found = sorted({**labels, "__name__": name}.items())
    return b"".join(_label(label, value) for label, value in found if value)


@lru_cache(maxsize=10_000)
def _label(label: str, value: str) -> bytes:
    """Of thousands of series each has most labels in common with others."""
    return embedded(_LABEL, text(_NAME, label) + text(_VALUE, value))


def time_series(labels: bytes, content: bytes) -> bytes:
    """A series with something new of it."""
    return _SERIES_TAG + varint(len(labels) + len(content)) + labels + content


class Instant:
    """When samples are of, encoded once for all of them."""

    def __init__(self, at_ms: int) -> None:
        """`at_ms`: since the epoch."""
        self.at_ms = at_ms
        self._behind = _TIME_TAG + varint(at_ms)
        length = len(_VALUE_TAG) + len(STALE) + len(self._behind)
        self._before = _SAMPLE_TAG + varint(length) + _VALUE_TAG

    def sample(self, value: float) -> bytes:
        """A value."""
        return self._before + _double(value) + self._behind

    def end(self) -> bytes:
        """The marker that a series of values has ended."""
        return self._before + STALE + self._behind


def metadata(family: Family) -> bytes:
    """What a family is."""
    content = (
        number(_TYPE, _TYPES[family.kind])
        + text(_FAMILY, family.name)
        + text(_HELP, family.meaning)
        + (text(_UNIT, family.unit) if family.unit else b"")
    )
    return embedded(_METADATA, content)
