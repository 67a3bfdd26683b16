"""What an Envoy counts of the clusters behind it: read from its admin interface's text. Pure.

Source: Envoy's documentation, "Cluster manager statistics" and "Administration interface, GET
/stats": names are `cluster.NAME.COUNTER`, and counters only grow while the process lives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: counters that are kept, as Envoy calls them
COUNTERS: Final = (
    "upstream_rq_total", "upstream_rq_retry", "upstream_rq_retry_success",
    "upstream_rq_retry_overflow", "upstream_rq_retry_limit_exceeded",
    "upstream_rq_pending_overflow", "upstream_cx_overflow", "upstream_rq_timeout",
    "upstream_rq_5xx",
)  # fmt: skip
#: those of them after which requests were not what they seem, or were not let through
RETRIES: Final = ("upstream_rq_retry",)
OVERFLOWS: Final = (
    "upstream_rq_retry_overflow", "upstream_rq_pending_overflow", "upstream_cx_overflow",
)  # fmt: skip
#: asks for these alone: an Envoy with thousands of clusters has a hundred of each
QUERY: Final = f"/stats?format=json&filter={'%7C'.join(f'{one}%24' for one in COUNTERS)}"
_OF_ALL: Final = "upstream_rq_total"  # every cluster has it
_NAME: Final = re.compile(rf"cluster\.(?P<cluster>.+)\.(?P<counter>{'|'.join(COUNTERS)})")

Counts = dict[str, dict[str, int]]  # cluster -> counter -> its value


@dataclass(frozen=True, slots=True)
class Envoy:
    """An Envoy over the load."""

    admin: str
    clusters: Counts = field(default_factory=dict)  # what they counted within it
    problem: str | None = None  # why they are not known


def counts_in(answer: Any) -> Counts:
    """The counters in an answer of `/stats?format=json`; what is no counter is passed over.

    Raises:
        ValueError: it is no such answer.
    """
    match answer:
        case {"stats": list(stats)}:
            pass
        case _:
            raise ValueError(
                "it has no `stats`; is that the address of an Envoy's admin interface?"
            )
    found: Counts = {}
    for one in stats:
        name, value = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
        if isinstance(name, str) and type(value) is int and (match := _NAME.fullmatch(name)):
            found.setdefault(match["cluster"], {})[match["counter"]] = value
    # what is counted apart of a cluster (`NAME.internal`, `NAME.retry`) has no total of its own
    return {name: counts for name, counts in found.items() if _OF_ALL in counts}


def grown(before: Counts, after: Counts) -> tuple[Counts, bool]:
    """What was counted between two answers, and whether the process was the same.

    Of one that was started in between only what it has counted itself is known. Clusters that have
    counted nothing are left out.
    """
    same = all(
        value >= before.get(cluster, {}).get(counter, 0)
        for cluster, counters in after.items()
        for counter, value in counters.items()
    )
    base: Mapping[str, Mapping[str, int]] = before if same else {}
    found = {
        cluster: {
            counter: counters.get(counter, 0) - base.get(cluster, {}).get(counter, 0)
            for counter in COUNTERS
        }
        for cluster, counters in after.items()
    }
    return {cluster: counts for cluster, counts in found.items() if any(counts.values())}, same
