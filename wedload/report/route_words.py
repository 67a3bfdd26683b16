"""Routes in words and figures, for every report of them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import WITHHELD, counted, format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.routes_model import EnvoyCluster, Interval, Pairs, Route

#: what columns of the tables of routes mean
LEGEND: Final = (
    "added: via - direct, pair by pair; direct, via and added are means, and of the last there is"
    " the 95 % interval"
)
#: counters of a cluster -> what they counted, beside requests
_COUNTED: Final = (
    ("rq_retry", "repeated"),
    ("rq_retry_success", "of these answered well"),
    ("rq_retry_overflow", "not repeated for the budget of retries"),
    ("rq_retry_limit_exceeded", "repeated in vain"),
    ("rq_pending_overflow", "refused as too many waited"),
    ("cx_overflow", "too many for their connections"),
    ("rq_timeout", "timed out"),
    ("rq_5xx", "passed on as 5xx"),
)


def added(ms: float | None) -> str:
    """A difference with its sign, to three digits after the point: they are small ones."""
    if ms is None:
        return WITHHELD
    digits = 3 if abs(ms) < 9.9995 else 1 if abs(ms) < 999.95 else 0
    return f"{ms:+.{digits}f} ms"


def sure(interval: Interval | None) -> str:
    """`+0.281 … +0.301 ms`."""
    if interval is None:
        return WITHHELD
    low, high = (added(one) for one in interval)
    return f"{low.removesuffix(' ms')} … {high}"


def mean(ms: float | None) -> str:
    """A mean that differences are of, as precise as these."""
    return added(ms).lstrip("+")


def lines_of(routes: list[Route]) -> Iterator[tuple[str, Pairs]]:
    """Each route, and below it its steps if there are several, by the names of their rows."""
    for route in routes:
        yield route.name, route.pairs
        for step in route.steps if len(route.steps) > 1 else ():
            yield f"  {step.step}", step


def route_notes(route: Route) -> Iterator[str]:
    """What was left out of the figures of a route, and what its Envoy counted."""
    pairs = route.pairs
    why = [
        f"{format_count(number)} {what}"
        for number, what in ((pairs.cold, "with a new connection"), (pairs.failed, "failed"))
        if number
    ]
    if why:
        left_out = counted(pairs.cold + pairs.failed, "pair")
        yield f"{route.name}: {left_out} left out ({', '.join(why)})"
    if pairs.overhead.count and pairs.overhead.avg_95 is None:
        yield f"{route.name}: too short a run to say how sure its mean is; some 10 s may do"
    if route.envoy is None:
        return
    if route.envoy.problem is not None:
        yield f"{route.name}: Envoy at {route.envoy.admin}: {route.envoy.problem}"
    for cluster in route.envoy.clusters:
        yield f"{route.name}: Envoy, cluster {cluster.cluster}: {cluster_words(cluster)}"


def cluster_words(cluster: EnvoyCluster) -> str:
    """`6,951 requests, 3 repeated, 2 of these answered well, 4 answered 5xx`."""
    words = [counted(cluster.rq_total, "request")]
    for key, what in _COUNTED:
        if number := getattr(cluster, key):
            words.append(f"{format_count(number)} {what}")
    return ", ".join(words if len(words) > 1 else [*words, "none repeated or refused"])
