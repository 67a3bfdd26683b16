"""What belongs to the plan format but is not driven by this version: refused, never ignored.

One table, so that what becomes possible is a line deleted here.
"""

from __future__ import annotations

from typing import Final

#: kind of table -> keys that are refused there; of other kinds there are none
KEYS: Final[dict[str, frozenset[str]]] = {
    "http": frozenset({"http", "max_rate"}),
    "step": frozenset({"max_rate", "proxy"}),  # beside those of verbs to come
}

#: last key of a path -> values that are refused there
VALUES: Final[dict[str, frozenset[str]]] = {
    "http": frozenset({"3"}),
}

#: metrics that are measured and shown, but not yet judged by rows
ROWS: Final = frozenset({"vus", "generator_cpu", "generator_loop_lag", "generator_memory"})

#: dimensions that samples will have, not yet known to selectors of benchmark rows
DIMENSIONS: Final = frozenset({"status", "outcome"})


def not_driven(what: str) -> str:
    """The one message for all of these."""
    return f"{what} is part of the plan format but not driven by this version of wedload yet"
