"""What a search may ask for: the query string, checked and typed. Pure; knows no SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from .validation import Problems
from .vocabulary import CATEGORIES, STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable

SORTS = ("rating", "price", "distance")
DEFAULT_LIMIT = 20
MOST_RESULTS = 50
FURTHEST_OFFSET = 1_000_000
MOST_WORDS = 8
# Half of the Earth's circumference: from anywhere, everything is nearer.
FURTHEST_KM = 20_038.0
DEAREST = 100_000_000

_KNOWN = (
    *("q", "category", "style", "lat", "lon", "radius_km", "min_price", "max_price"),
    *("date", "min_rating", "sort", "limit", "offset"),
)
_NUMBER = re.compile(r"[+-]?([0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12})")
_WHOLE = re.compile(r"[0-9]{1,12}")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to search from, in degrees, and how far; None is any distance."""

    lat: float
    lon: float
    radius_km: float | None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search; what is None or empty is not asked for."""

    words: tuple[str, ...] = ()
    category: str | None = None
    style: str | None = None
    place: Place | None = None
    min_price: int | None = None
    max_price: int | None = None
    day: str | None = None
    min_rating: float | None = None
    sort: str = "rating"
    limit: int = DEFAULT_LIMIT
    offset: int = 0


def parse_search(items: Iterable[tuple[str, str]]) -> SearchQuery:
    """The search that a query string asks for.

    Raises:
        ApiError: 422, naming each wrong parameter.
    """
    problems = Problems()
    given: dict[str, str] = {}
    for key, value in items:
        if key in given:
            problems.add(key, "given twice")
        given[key] = value
    problems.unknown_keys(given, _KNOWN)
    reader = _Reader(given, problems)
    place = reader.place()
    sort = reader.choice("sort", SORTS) or "rating"
    if sort == "distance" and place is None:
        problems.add("sort", "distance needs lat and lon")
    min_price = reader.whole("min_price", 0, DEAREST)
    max_price = reader.whole("max_price", 0, DEAREST)
    if min_price is not None and max_price is not None and min_price > max_price:
        problems.add("max_price", "must not be below min_price")
    limit = reader.whole("limit", 1, MOST_RESULTS)
    query = SearchQuery(
        words=reader.words("q"),
        category=reader.choice("category", CATEGORIES),
        style=reader.choice("style", STYLES),
        place=place,
        min_price=min_price,
        max_price=max_price,
        day=problems.day(given["date"], "date") if "date" in given else None,
        min_rating=reader.number("min_rating", 0, 5),
        sort=sort,
        limit=DEFAULT_LIMIT if limit is None else limit,
        offset=reader.whole("offset", 0, FURTHEST_OFFSET) or 0,
    )
    problems.finish()
    return query


@dataclass(frozen=True, slots=True)
class _Reader:
    given: dict[str, str]
    problems: Problems

    def number(self, key: str, least: float, most: float) -> float | None:
        text = self.given.get(key)
        if text is None:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else None
        if value is None or not isfinite(value) or not least <= value <= most:
            self.problems.add(key, f"must be a number from {least:g} to {most:g}")
            return None
        return value

    def whole(self, key: str, least: int, most: int) -> int | None:
        text = self.given.get(key)
        if text is None:
            return None
        value = int(text) if _WHOLE.fullmatch(text) else None
        if value is None or not least <= value <= most:
            self.problems.add(key, f"must be a whole number from {least} to {most}")
            return None
        return value

    def choice(self, key: str, known: tuple[str, ...]) -> str | None:
        text = self.given.get(key)
        if text is not None and text not in known:
            self.problems.add(key, f"must be one of {', '.join(known)}")
        return text

    def words(self, key: str) -> tuple[str, ...]:
        text = self.given.get(key)
        if text is None:
            return ()
        # Underscores separate words too, as both databases' full text would have it.
        words = tuple(_WORD.findall(text.lower().replace("_", " ")))
        if not 1 <= len(words) <= MOST_WORDS or len(text) > 200:
            self.problems.add(key, f"must have 1 to {MOST_WORDS} words, 200 characters at most")
            return ()
        return words

    def place(self) -> Place | None:
        lat, lon = self.number("lat", -90, 90), self.number("lon", -180, 180)
        radius_km = self.number("radius_km", 0, FURTHEST_KM)
        for key in ("lat", "lon"):
            if key not in self.given and self.given.keys() & {"lat", "lon", "radius_km"}:
                self.problems.add(key, "missing; a place needs lat and lon")
        return None if lat is None or lon is None else Place(lat, lon, radius_km)
