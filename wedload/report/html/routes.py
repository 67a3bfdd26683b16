"""The routes of a report: what gateways add to requests, and what Envoys counted. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.tables import mark
from wedload.report.route_words import added, lines_of, mean, route_notes, sure
from wedload.units import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.model import Result
    from wedload.results.routes_model import EnvoyCluster, Pairs, Route

_FIGURES: Final = (
    "pairs", "direct", "via", "added", "95 %", "median added", "95 %", "p95 added", "95 %",
)  # fmt: skip
_COUNTS: Final = (
    ("requests", "rq_total"), ("repeated", "rq_retry"), ("repeated well", "rq_retry_success"),
    ("retry overflow", "rq_retry_overflow"), ("request overflow", "rq_pending_overflow"),
    ("connection overflow", "cx_overflow"), ("timed out", "rq_timeout"), ("5xx", "rq_5xx"),
)  # fmt: skip
#: those that say that requests were not what they seem
_BAD: Final = frozenset({"rq_retry", "rq_retry_overflow", "rq_pending_overflow", "cx_overflow"})


def routes(result: Result) -> Html:
    """A table of all routes and their steps, then what there is to say of each."""
    parts: list[Html] = [
        table(
            "What a gateway adds: requests sent both ways, one after the other, in random order.",
            [Column("route", "name"), *(Column(one, "number") for one in _FIGURES)],
            [_row(name, pairs) for name, pairs in lines_of(result.routes)],
            note="Direct, via and added are means; added is via less direct, pair by pair. "
            "Intervals are of 95 %, by blocks of what follows each other; there is none where the "
            "run is too short to say.",
        )
    ]
    clusters = [
        (route, cluster)
        for route in result.routes if route.envoy is not None for cluster in route.envoy.clusters
    ]  # fmt: skip
    if clusters:
        parts.append(
            table(
                "What Envoy counted over the load.",
                [
                    Column("route", "name"), Column("cluster"),
                    *(Column(name, "number") for name, _ in _COUNTS),
                ],
                [[route.name, one.cluster, *_counts(one)] for route, one in clusters],
            )
        )  # fmt: skip
    parts += [element("p", where, class_="note") for one in result.routes for where in _notes(one)]
    return join(parts)


def _notes(route: Route) -> Iterator[str]:
    yield f"{route.name}: directly {route.direct}, via {route.via}"
    if route.envoy is not None:  # its clusters are in a table
        route = route.model_copy(update={"envoy": route.envoy.model_copy(update={"clusters": []})})
    yield from route_notes(route)


def _row(name: str, pairs: Pairs) -> list[str | Html]:
    one = pairs.overhead
    return [
        name.strip(),
        format_count(one.count),
        *(mean(None if way is None else way.avg) for way in (pairs.direct, pairs.via)),
        element("strong", added(one.avg)),
        sure(one.avg_95),
        added(one.med),
        sure(one.med_95),
        added(one.p95),
        sure(one.p95_95),
    ]


def _counts(one: EnvoyCluster) -> Iterator[str | Html]:
    for _, key in _COUNTS:
        number = getattr(one, key)
        shown = format_count(number)
        yield mark("!", shown, "unsure") if number and key in _BAD else shown
