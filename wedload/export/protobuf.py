"""The few wire types of protobuf that are written here. Pure.

Prometheus' messages are four, and the same bytes come back with every picture – a series' labels –,
so they are written by hand: what does not change is encoded once, which a message object cannot do.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIXED64: Final = 1
_BYTES: Final = 2
_ONE_BYTE: Final = [bytes((one,)) for one in range(128)]
_double = struct.Struct("<d").pack
_SHIFTS: Final = np.arange(0, 70, 7, dtype=np.uint64)


def varint(value: int) -> bytes:
    """A number of 0 or more."""
    if value < 128:
        return _ONE_BYTE[value]
    if value < 16_384:
        return bytes((value & 127 | 128, value >> 7))
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def zigzag(value: int) -> int:
    """A number as `sint32` and `sint64` have it: those near 0 are short, whatever their sign."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def number(field: int, value: int) -> bytes:
    """A field of the types uint32, uint64, int64 (of 0 or more), enum or, zigzagged, sint."""
    return varint(field << 3) + varint(value)


def double(field: int, value: float) -> bytes:
    """A field of the type double."""
    return varint(field << 3 | _FIXED64) + _double(value)


def embedded(field: int, value: bytes) -> bytes:
    """A field that is a message, or bytes."""
    return varint(field << 3 | _BYTES) + varint(len(value)) + value


def text(field: int, value: str) -> bytes:
    """A field of the type string."""
    return embedded(field, value.encode("utf-8", "replace"))


def packed_sint(field: int, values: NDArray[np.int64]) -> bytes:
    """A packed field of the type sint64; values: (n,) int64. O(n)."""
    zigzagged = ((values << 1) ^ (values >> 63)).view(np.uint64)
    groups = zigzagged[:, np.newaxis] >> _SHIFTS
    # a number is as long as its last group that is not 0, and one long if it is 0
    is_there = groups != 0
    is_there[:, 0] = True
    is_followed = np.zeros_like(is_there)
    is_followed[:, :-1] = is_there[:, 1:]
    encoded = (groups & np.uint64(127)).astype(np.uint8) | (is_followed.astype(np.uint8) << 7)
    return embedded(field, encoded[is_there].tobytes())
