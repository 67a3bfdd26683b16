"""The generated catalogue: suppliers, packages, booked days, ratings. Pure; writes to no database.

The same seed gives the same rows on every machine. Booked days lie on fixed dates (below), not
around today's, for the same reason; on any other day every supplier is free.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from .database import Bulk
from .geo import unit_vector
from .vocabulary import (
    CATEGORIES,
    CITIES,
    FIRST_NAMES,
    OFFERS,
    PACKAGES,
    PRAISE,
    SECOND_NAMES,
    STYLES,
    TRADES,
    TYPICAL_PRICE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOKED_FROM, BOOKED_UNTIL = date(2026, 1, 1), date(2029, 12, 31)
# People marry on Saturdays, most of them from May to September.
_SATURDAYS = [
    day.isoformat()
    for day in (
        BOOKED_FROM + timedelta(days=n) for n in range((BOOKED_UNTIL - BOOKED_FROM).days + 1)
    )
    if day.weekday() == 5
]
BOOKED_DAYS_EACH = 6

# Degrees around a city's centre: its suppliers are spread over some 30 km.
_SPREAD = 0.15


# Suppliers whose rows are made and handed over together: some 20 MB.
PART = 5000


def catalogue(suppliers: int, seed: int) -> Iterator[Bulk]:
    """Every row of the catalogue, part by part and in each table by table.

    About 14 rows a supplier, in the order of their keys, which is the cheapest to insert. No more
    than one part is held in memory.
    """
    yield Bulk(
        "cities",
        ("id", "name", "lat", "lon"),
        [(n, name, lat, lon) for n, (name, lat, lon) in enumerate(CITIES, 1)],
    )
    yield Bulk("categories", ("id", "name"), list(enumerate(CATEGORIES, 1)))
    yield Bulk("styles", ("id", "name"), list(enumerate(STYLES, 1)))
    random = Random(seed)  # noqa: S311 - nothing here is secret, and it must repeat
    for first in range(1, suppliers + 1, PART):
        yield from _rows_of(range(first, min(first + PART, suppliers + 1)), random)


def _rows_of(suppliers: range, random: Random) -> Iterator[Bulk]:
    """The rows of these suppliers, drawn from `random` one supplier after the other."""
    profiles, styles, packages, booked, ratings = [], [], [], [], []
    for supplier in suppliers:
        draw = random.random
        category = int(draw() * len(CATEGORIES))
        style = int(draw() * len(STYLES))
        city = int(draw() * len(CITIES))
        lat = CITIES[city][1] + (draw() + draw() - 1) * _SPREAD
        lon = CITIES[city][2] + (draw() + draw() - 1) * _SPREAD * 1.6
        kind = CATEGORIES[category]
        price = int(TYPICAL_PRICE[kind] * (0.5 + 1.5 * draw()))
        profiles.append(
            (
                supplier,
                (
                    f"{FIRST_NAMES[int(draw() * len(FIRST_NAMES))]} & "
                    f"{SECOND_NAMES[int(draw() * len(SECOND_NAMES))]} {TRADES[kind]}"
                ),
                (
                    f"{PRAISE[int(draw() * len(PRAISE))]} {kind} in {CITIES[city][0]}, "
                    f"{STYLES[style]} style, for {OFFERS[int(draw() * len(OFFERS))]} "
                    f"and {OFFERS[int(draw() * len(OFFERS))]}"
                ),
                category + 1,
                city + 1,
                lat,
                lon,
                *unit_vector(lat, lon),
                price,
            )
        )
        styles.append((supplier, 0, style + 1))
        if draw() < 0.5:
            second = (style + 1 + int(draw() * (len(STYLES) - 1))) % len(STYLES)
            styles.append((supplier, 1, second + 1))
        for position, name in enumerate(PACKAGES):
            packages.append((supplier, position, name, int(price * (1 + 0.6 * position))))
        days = {_SATURDAYS[int(draw() * len(_SATURDAYS))] for _ in range(BOOKED_DAYS_EACH)}
        booked += [(supplier, day) for day in sorted(days)]
        # Most are well rated; the square root leans towards 5.
        ratings.append((supplier, round(2.5 + 2.5 * draw() ** 0.5, 1), int(400 * draw() ** 3)))
    yield Bulk(
        "suppliers",
        (
            *("id", "name", "description", "category_id", "city_id"),
            *("lat", "lon", "x", "y", "z", "price_from"),
        ),
        profiles,
    )
    yield Bulk("supplier_styles", ("supplier_id", "position", "style_id"), styles)
    yield Bulk("packages", ("supplier_id", "position", "name", "price"), packages)
    yield Bulk("booked_days", ("supplier_id", "day"), booked)
    yield Bulk("ratings", ("supplier_id", "rating", "reviews"), ratings)
