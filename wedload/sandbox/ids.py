"""Identifiers of rows: UUIDs of version 7. Knows no table.

The time comes first (RFC 9562, section 5.7), so new keys land on the same few index pages; random
ones would touch a different page for every insert.
"""

from __future__ import annotations

import re
import time
from secrets import randbits

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh identifier, 36 characters."""
    return _format(time.time_ns() // 1_000_000, randbits(74))


def is_id(text: str) -> bool:
    """Whether `text` could be an identifier at all; what could not is never asked of a database."""
    return _UUID.fullmatch(text) is not None


def _format(unix_ms: int, random_bits: int) -> str:
    high = (unix_ms & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | random_bits >> 62
    low = 0x8000_0000_0000_0000 | random_bits & 0x3FFF_FFFF_FFFF_FFFF
    h, l = f"{high:016x}", f"{low:016x}"  # noqa: E741 - the two halves
    return f"{h[:8]}-{h[8:12]}-{h[12:]}-{l[:4]}-{l[4:]}"
