"""What the tools that send one request over and over have in common: what they cannot do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks.load import UnableError

if TYPE_CHECKING:
    from benchmarks.load import Load

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def check_simple(load: Load) -> None:
    """Refuse what such a tool has no means for.

    Raises:
        UnableError: says which.
    """
    if load.flow == "workflow":
        raise UnableError("no workflow")
    if load.rate_per_s is not None:
        raise UnableError("no open load")
    if load.stages:
        raise UnableError("no ramping")
    if load.pace_s is not None:
        raise UnableError("no pace")


def path_of(load: Load) -> str:
    """The path of the one request."""
    return "/large" if load.flow == "large" else "/"


def milliseconds(text: str) -> float:
    """`1.23ms` as a number of milliseconds."""
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if found is None:
        raise ValueError(f"not a duration: {text}")
    return float(found[1]) * _UNITS_MS[found[2]]
