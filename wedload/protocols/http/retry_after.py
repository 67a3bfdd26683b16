"""Retry-After: how long a server asks to be left alone. Pure.

Source: RFC 9110 section 10.2.3.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from wedload.units import NS_PER_S

_SECONDS: Final = re.compile("[0-9]{1,9}")


def retry_after_ns(header: str, now_s: float) -> int | None:
    """How long from now (Unix time), ns; None if the header says nothing that can be read."""
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return int(text) * NS_PER_S
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at_s = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    return max(0, round((at_s - now_s) * NS_PER_S))
