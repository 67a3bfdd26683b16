"""The messages of Prometheus' remote write 1.0, as bytes. Pure.

What a series is called is encoded once, and the same with every picture; so a `TimeSeries` is put
together of its labels and of what is new.

Sources: https://prometheus.io/docs/specs/prw/remote_write_spec/; `prompb/remote.proto` and
`prompb/types.proto` of Prometheus.
"""

from __future__ import annotations

import struct
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
_VALUE_TAG: Final = b"\x09"  # Sample: value = 1, a double …
_TIME_TAG: Final = b"\x10"  # … and timestamp = 2, an int64: ms since the epoch

_double = struct.Struct("<d").pack
_SERIES_TAG: Final = varint(_TIME_SERIES << 3 | 2)


def series_labels(name: str, labels: Mapping[str, str]) -> bytes:
    """The labels of a series, sorted as they must be; empty ones are none."""
    found = sorted({**labels, "__name__": name}.items())
    return b"".join(
        embedded(_LABEL, text(_NAME, label) + text(_VALUE, value))
        for label, value in found
        if value
    )


def time_series(labels: bytes, content: bytes) -> bytes:
    """A series with something new of it."""
    return _SERIES_TAG + varint(len(labels) + len(content)) + labels + content


def sample(value: float, at_ms: int) -> bytes:
    """A value."""
    return _sample(_double(value), at_ms)


def end(at_ms: int) -> bytes:
    """The marker that a series of values has ended."""
    return _sample(STALE, at_ms)


def _sample(value: bytes, at_ms: int) -> bytes:
    return embedded(_SAMPLE, _VALUE_TAG + value + _TIME_TAG + varint(at_ms))


def metadata(family: Family) -> bytes:
    """What a family is."""
    content = (
        number(_TYPE, _TYPES[family.kind])
        + text(_FAMILY, family.name)
        + text(_HELP, family.meaning)
        + (text(_UNIT, family.unit) if family.unit else b"")
    )
    return embedded(_METADATA, content)
