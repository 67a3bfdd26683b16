"""What a search came to, as a result has it, with its sentence. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wedload.capacity.search import MOST_DOUBT
from wedload.results.capacity_model import Capacity, CapacityProbe, ProbedRow
from wedload.results.figures import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.capacity.judging import Stretch
    from wedload.capacity.probe import Seen
    from wedload.capacity.search import Search

_UNIT = "iterations/s"
_LONGER = "more time (--knee-time) or longer probes (--knee-probe) tell more"


def capacity_of(
    search: Search, stretches: Sequence[Stretch], requests: Sequence[float]
) -> Capacity:
    """The outcome of the probes so far; `requests` per s, of each."""
    probes = [
        _probe(seen, stretch, per_s)
        for seen, stretch, per_s in zip(search.seen, stretches, requests, strict=True)
    ]
    facts = _facts(search)
    best = search.best
    rate = facts.get("rate_per_s")
    if best is not None:
        facts["best"] = probes[best].name
        if rate is not None and probes[best].rate_per_s:
            each = probes[best].requests_per_s / probes[best].rate_per_s
            facts["requests_per_s"] = rounded(rate * each)
    return Capacity(probes=probes, **{"rate_per_s": None, **facts})


def _probe(seen: Seen, stretch: Stretch, requests_per_s: float) -> CapacityProbe:
    return CapacityProbe(
        name=stretch.name,
        rate_per_s=stretch.rate,
        requests_per_s=round(requests_per_s, 3),
        begin_s=round(stretch.begin_s, 3),
        end_s=round(stretch.end_s, 3),
        fared=seen.fared,
        limit=seen.limit,
        cut=seen.cut,
        rows=[
            ProbedRow(
                name=name,
                status=row.status,
                observed=rounded(row.observed),
                samples=row.samples,
                margin=rounded(row.margin),
            )
            for name, row in seen.rows.items()
        ],
    )


def _facts(search: Search) -> dict[str, Any]:
    held, wall = search.held, search.wall
    if not search.seen:
        return _inconclusive("no probe came to its end", None)
    if all(one.fared == "unclear" for one in search.seen):
        return _inconclusive("no row had samples enough in any probe", _LONGER)
    if wall is None:
        assert held is not None
        return _at_least(held, "the highest rate that was probed")
    if held is None:
        return _below(search)
    found = search.breaks()
    between = (held, wall)
    if found is not None and found.at.doubt <= MOST_DOUBT:
        return {
            "outcome": "found",
            "rate_per_s": rounded(found.at.rate),
            "interval_95": (rounded(found.at.low), rounded(found.at.high)),
            "between": between,
            "breaks": found.row,
            "sentence": (
                f"Capacity {rate_words(found.at.rate)} {_UNIT} (95 %: {rate_words(found.at.low)} "
                f"to {rate_words(found.at.high)}): above it “{found.row}” breaks."
            ),
        }
    limits = [one.limit for one in search.seen if one.rate == wall and one.limit is not None]
    if limits:
        return {**_at_least(held, limits[0], limited=True), "between": between}
    return _between(search, held, wall)


def _between(search: Search, held: float, wall: float) -> dict[str, Any]:
    """Where no fit says how sure it is."""
    rows = next(one.broken for one in search.seen if one.rate == wall and one.broken)
    listed = " and ".join(f"“{row}”" for row in rows)
    words = f"{rate_words(held)} {_UNIT} held, and {rate_words(wall)} broke {listed}"
    refusals = search.refusals()
    whys = list(dict.fromkeys(refusals[row] for row in rows if row in refusals))
    if search.shareless(rows):
        return {
            "outcome": "found",
            "rate_per_s": held,
            "between": (held, wall),
            "breaks": rows[0],
            "sentence": f"Capacity between {rate_words(held)} and {rate_words(wall)} {_UNIT}: "
            f"above it {listed} breaks.",
        }
    why = "; ".join(whys) or "its 95 % interval reaches farther than half of it"
    return {
        **_inconclusive(f"{words}; but how sure that is cannot be said: {why}", _LONGER),
        "between": (held, wall),
        "breaks": rows[0],
    }


def _at_least(held: float, limit: str, *, limited: bool = False) -> dict[str, Any]:
    why = f"beyond it the limit was {limit}, not the target" if limited else limit
    return {
        "outcome": "at least",
        "rate_per_s": held,
        "limit": limit,
        "sentence": f"Capacity at least {rate_words(held)} {_UNIT}: {why}.",
    }


def _below(search: Search) -> dict[str, Any]:
    lowest = min(search.seen, key=lambda one: one.rate)
    if lowest.limit is not None:
        return _inconclusive(
            f"even at {rate_words(lowest.rate)} {_UNIT} the limit was {lowest.limit}",
            "begin lower (--knee-from), or remove that limit",
        )
    listed = " and ".join(f"“{row}”" for row in lowest.broken)
    return {
        "outcome": "below",
        "breaks": lowest.broken[0],
        "sentence": f"Capacity below {rate_words(lowest.rate)} {_UNIT}: at that rate already "
        f"{listed} {'breaks' if len(lowest.broken) == 1 else 'break'}.",
    }


def _inconclusive(what: str, remedy: str | None) -> dict[str, Any]:
    why = what if remedy is None else f"{what}; {remedy}"
    return {"outcome": "inconclusive", "sentence": f"Capacity not found: {what}.", "why": why}


def probe_line(seen: Seen, stretch: Stretch) -> str:
    """What came of a probe, in a line for those who watch."""
    words = f"{stretch.name}: {rate_words(seen.rate)} {_UNIT} "
    match seen.fared:
        case "held":
            return words + "held"
        case "broken":
            return words + f"broke {' and '.join(seen.broken)}"
        case "limited":
            return words + f"came to a limit that is not the target's: {seen.limit}"
        case _:
            return words + "gave too few samples to say"


def rate_words(rate: float) -> str:
    """A rate with three digits, or all those before the point."""
    if rate >= 100:
        return f"{rate:,.0f}"
    return f"{rate:.3g}"
