"""The complex search: one statement over suppliers, prices, availability, ratings, places and text.

Only the joins and conditions that a search asks for are in its statement. Knows no query string.
"""

# ruff: noqa: S608 - pieces of statements are constants; values only ever go in as arguments

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call, answer
from .database import Query, Row, Transaction
from .geo import bounding_box, chord_squared, distance_km, unit_vector
from .search_query import Place, SearchQuery, parse_search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web

    from .dialect import Dialect

# Ties are broken by the id, so that pages neither overlap nor leave anybody out.
_ORDER = {
    "rating": "r.rating DESC, r.supplier_id",
    "price": "s.price_from, s.id",
    "distance": "chord, s.id",
}


async def search(call: Call) -> web.Response:
    """`GET /api/suppliers/search`: a page of suppliers, and how many there are."""
    query = parse_search(call.request.query.items())
    dialect = call.platform.database.dialect
    return answer(200, await call.read(lambda: find_suppliers(query, dialect)))


def find_suppliers(query: SearchQuery, dialect: Dialect) -> Transaction[dict[str, Any]]:
    """One page of what is found, and how many there are in all."""
    page = yield page_statement(query, dialect)
    # A first page that is not full has shown all there is; else they are counted.
    total = len(page)
    if total == query.limit or query.offset:
        total = (yield count_statement(query, dialect))[0][0]
    return {"total": total, "results": [_result(row, query) for row in page]}


def count_statement(query: SearchQuery, dialect: Dialect) -> Query:
    """How many suppliers the search finds."""
    conditions = _Conditions(query, dialect)
    return Query(f"SELECT count(*) {conditions.sql()}", tuple(conditions.args))


def page_statement(query: SearchQuery, dialect: Dialect) -> Query:
    """The suppliers of one page.

    The inner statement finds and sorts ids alone; names and the rest are then looked up for the
    few on the page, not for all that were found.
    """
    conditions = _Conditions(query, dialect)
    chord = "0.0" if query.place is None else conditions.chord(query.place)
    limit, offset = conditions.arg(query.limit), conditions.arg(query.offset)
    style = (
        f"ss.style_id = (SELECT id FROM styles WHERE name = {conditions.arg(query.style)})"
        if query.style
        else "ss.position = 0"
    )
    order = _ORDER[query.sort]
    sql = (
        "SELECT s.id, s.name, c.name, st.name, r.rating, r.reviews, s.price_from, ci.name, chord"
        f" FROM (SELECT s.id AS found, {chord} AS chord {conditions.sql()}"
        f" ORDER BY {order} LIMIT {limit} OFFSET {offset}) AS page"
        " JOIN suppliers s ON s.id = found JOIN ratings r ON r.supplier_id = found"
        " JOIN categories c ON c.id = s.category_id JOIN cities ci ON ci.id = s.city_id"
        f" JOIN supplier_styles ss ON ss.supplier_id = found AND {style}"
        f" JOIN styles st ON st.id = ss.style_id ORDER BY {order}"
    )
    return Query(sql, tuple(conditions.args), many_rows=True)


class _Conditions:
    """FROM and WHERE of one search, with only the joins it needs, and their arguments."""

    def __init__(self, query: SearchQuery, dialect: Dialect) -> None:
        self.args: list[Any] = []
        self._point: tuple[str, str, str] | None = None
        self._from = "FROM suppliers s"
        if query.sort == "rating" or query.min_rating is not None:
            self._from += " JOIN ratings r ON r.supplier_id = s.id"
        self._where = list(self._each(query, dialect))

    def arg(self, value: Any) -> str:
        """The placeholder that stands for `value`."""
        self.args.append(value)
        return f"${len(self.args)}"

    def sql(self) -> str:
        return self._from + (" WHERE " + " AND ".join(self._where) if self._where else "")

    def chord(self, place: Place) -> str:
        """The squared straight line from `place`: it sorts as the distance does."""
        if self._point is None:
            x, y, z = (self.arg(value) for value in unit_vector(place.lat, place.lon))
            self._point = (x, y, z)
        x, y, z = self._point
        return (
            f"((s.x - {x}) * (s.x - {x}) + (s.y - {y}) * (s.y - {y}) + (s.z - {z}) * (s.z - {z}))"
        )

    def _each(self, query: SearchQuery, dialect: Dialect) -> Iterator[str]:
        if query.words:
            yield dialect.text_match.format(arg=self.arg(dialect.text_query(query.words)))
        if query.category:
            category = self.arg(query.category)
            yield f"s.category_id = (SELECT id FROM categories WHERE name = {category})"
        if query.style:
            yield (
                "s.id IN (SELECT ss.supplier_id FROM supplier_styles ss"
                " JOIN styles st ON st.id = ss.style_id"
                f" WHERE st.name = {self.arg(query.style)})"
            )
        if query.place is not None and query.place.radius_km is not None:
            yield from self._within(query.place, query.place.radius_km)
        if query.min_price is not None or query.max_price is not None:
            yield self._priced(query.min_price, query.max_price)
        if query.day:
            yield (
                "NOT EXISTS (SELECT 1 FROM booked_days b"
                f" WHERE b.supplier_id = s.id AND b.day = {self.arg(query.day)})"
            )
        if query.min_rating is not None:
            yield f"r.rating >= {self.arg(query.min_rating)}"

    def _within(self, place: Place, radius_km: float) -> Iterator[str]:
        """The box first, as an index answers it; then the exact distance."""
        box = bounding_box(place.lat, place.lon, radius_km)
        yield f"s.lat BETWEEN {self.arg(box.south)} AND {self.arg(box.north)}"
        west, east = self.arg(box.west), self.arg(box.east)
        if box.west <= box.east:
            yield f"s.lon BETWEEN {west} AND {east}"
        else:
            yield f"(s.lon >= {west} OR s.lon <= {east})"
        yield f"{self.chord(place)} <= {self.arg(chord_squared(radius_km))}"

    def _priced(self, least: int | None, most: int | None) -> str:
        """Whether any one of the packages is within the range."""
        bounds = ""
        if least is not None:
            bounds += f" AND p.price >= {self.arg(least)}"
        if most is not None:
            bounds += f" AND p.price <= {self.arg(most)}"
        return f"EXISTS (SELECT 1 FROM packages p WHERE p.supplier_id = s.id{bounds})"


def _result(row: Row, query: SearchQuery) -> dict[str, Any]:
    supplier_id, name, category, style, rating, reviews, price_from, city, chord = row
    return {
        "id": supplier_id,
        "name": name,
        "category": category,
        "style": style,
        "rating": rating,
        "reviews": reviews,
        "price_from": price_from,
        "distance_km": None if query.place is None else round(distance_km(chord), 3),
        "city": city,
    }
