"""Trace ids that say what they are of, so that spans need no table to be told apart. Pure.

W3C Trace Context leaves the 16 bytes of a trace id to who makes it. Here they are, from the left:
4 bytes that only this run has, the numbers of series (2) and phase (2) in the catalogue, the second
of the load (3), the load process (1), and a number that it counts (4). A span that comes back with
such an id belongs to a request of that step, sent in that stage and second.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

_TAG_BYTES: Final = 4
#: the most that have room: what is beyond is not traced
MOST_SERIES: Final = 1 << 16
MOST_PHASES: Final = 1 << 16
MOST_SECONDS: Final = 1 << 24
MOST_WORKERS: Final = 1 << 8


class TraceMark(NamedTuple):
    """What a trace is of."""

    series: int
    phase: int
    second: int
    worker: int
    number: int


def run_tag(run_id: str) -> bytes:
    """What trace ids of a run begin with; never zeros alone, as an id must not be."""
    return hashlib.blake2b(run_id.encode(), digest_size=_TAG_BYTES, person=b"wedload").digest()


def trace_id(tag: bytes, mark: TraceMark) -> bytes:
    """The 16 bytes of an id."""
    return b"".join(
        (
            tag,
            mark.series.to_bytes(2, "big"),
            mark.phase.to_bytes(2, "big"),
            mark.second.to_bytes(3, "big"),
            mark.worker.to_bytes(1, "big"),
            (mark.number & 0xFFFFFFFF).to_bytes(4, "big"),
        )
    )


def sender_of(given: bytes) -> bytes:
    """The 8 bytes of the span that requests of a trace say is their parent: the id's second half.

    No zeros alone, as numbers begin with 1. Nobody sends that span itself: it is the load's.
    """
    return given[8:]


def read_trace_id(tag: bytes, given: bytes) -> TraceMark | None:
    """What a trace is of; None: it is not of this run."""
    if len(given) != 16 or given[:_TAG_BYTES] != tag:
        return None
    return TraceMark(
        int.from_bytes(given[4:6], "big"),
        int.from_bytes(given[6:8], "big"),
        int.from_bytes(given[8:11], "big"),
        given[11],
        int.from_bytes(given[12:16], "big"),
    )
