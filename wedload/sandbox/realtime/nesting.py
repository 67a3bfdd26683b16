"""Whether what was read can be written: the parser takes deeper values than the writer does."""

from __future__ import annotations

from typing import Any

import orjson


def is_too_deep(value: Any) -> bool:
    """Whether the value is nested so deeply that no message could hold it."""
    try:
        # So much deeper than it came is what some messages hold it.
        orjson.dumps([[[[[[[[value]]]]]]]])
    except orjson.JSONEncodeError:
        return True
    return False
