"""Synthetic people, forms and searches: seeded, invented, and only from reserved ranges.

E-mail addresses are under example.com/.net/.org (RFC 2606), IP addresses from the documentation
range 198.51.100.0/24 (RFC 5737), telephone numbers from 555-0100 to 555-0199 (NANP, fictitious).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

T = TypeVar("T")

_FIRST: Final = (
    "Ada", "Amira", "Anna", "Ben", "Carla", "Chen", "Clara", "David", "Elif", "Emma", "Farid",
    "Felix", "Grace", "Hannah", "Ines", "Isaac", "Jana", "Jonas", "Kofi", "Lara", "Leo", "Lina",
    "Luca", "Maya", "Mila", "Nina", "Noah", "Omar", "Paula", "Ravi", "Rosa", "Sam", "Sofia", "Tom",
    "Uma", "Vera", "Will", "Yara", "Yusuf", "Zoe",
)  # fmt: skip
_LAST: Final = (
    "Adams", "Baker", "Berg", "Castillo", "Cole", "Diaz", "Evans", "Fischer", "Garcia", "Haddad",
    "Hall", "Ito", "Jensen", "Kaur", "Keller", "Khan", "Klein", "Lopez", "Martin", "Mensah",
    "Meyer", "Moreau", "Nguyen", "Novak", "Okafor", "Owens", "Patel", "Perez", "Quinn", "Reyes",
    "Rossi", "Sato", "Silva", "Smith", "Stone", "Tanaka", "Vogel", "Walker", "Weber", "Young",
)  # fmt: skip
_DOMAINS: Final = ("example.com", "example.net", "example.org")
_VENUES: Final = (
    "Rosewood Barn", "Lakeside Pavilion", "The Old Orangery", "Harbour Hall", "Maple Court",
    "Hilltop Manor", "The Glasshouse", "Riverside Gardens", "St Clement's Mill", "Willow Farm",
    "The Winter Garden", "Cedar Lodge",
)  # fmt: skip
#: name, latitude, longitude
_CITIES: Final = (
    ("London", 51.51, -0.13), ("Birmingham", 52.48, -1.90), ("Manchester", 53.48, -2.24),
    ("Leeds", 53.80, -1.55), ("Edinburgh", 55.95, -3.19), ("Bristol", 51.46, -2.59),
    ("Oxford", 51.75, -1.26), ("York", 53.96, -1.09), ("Dublin", 53.35, -6.26),
    ("Paris", 48.86, 2.35), ("Berlin", 52.52, 13.41), ("Lisbon", 38.72, -9.14),
    ("Florence", 43.77, 11.26), ("Copenhagen", 55.68, 12.57),
)  # fmt: skip
_CATEGORIES: Final = ("venue", "photography", "catering", "florist", "music", "planner")
_STYLES: Final = ("documentary", "fine art", "traditional", "editorial")
_WORDS: Final = (
    "a", "small", "quiet", "ceremony", "with", "family", "and", "friends", "by", "the", "lake",
    "golden", "hour", "portraits", "live", "band", "vegetarian", "menu", "candle", "light", "no",
    "flash", "during", "vows", "wheelchair", "access", "for", "grandparents", "outdoor", "dinner",
)  # fmt: skip
_FIRST_DAY: Final = date(2027, 4, 1)


class Synthetic:
    """Generators behind `synthetic.NAME(…)`, drawing from one virtual user's random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._random = rng.random

    def first_name(self) -> str:
        """A given name."""
        return self._one_of(_FIRST)

    def last_name(self) -> str:
        """A family name."""
        return self._one_of(_LAST)

    def name(self) -> str:
        """A full name."""
        return f"{self.first_name()} {self.last_name()}"

    def email(self) -> str:
        """An address in a reserved domain, unlikely to repeat (32 random bits)."""
        rng = self._rng
        person = f"{self._one_of(_FIRST)}.{self._one_of(_LAST)}".lower()
        return f"{person}.{rng.getrandbits(32):08x}@{self._one_of(_DOMAINS)}"

    def phone(self) -> str:
        """A fictitious North American number."""
        return f"+1-{self._between(201, 989)}-555-01{self._between(0, 99):02d}"

    def ip(self) -> str:
        """An address of a documentation range."""
        return f"198.51.100.{self._between(1, 254)}"

    def venue(self) -> str:
        """The name of a wedding venue."""
        return self._one_of(_VENUES)

    def city(self) -> str:
        """The name of a city."""
        return self._one_of(_CITIES)[0]

    def wedding_date(self) -> str:
        """An ISO date within two seasons."""
        return (_FIRST_DAY + timedelta(days=self._between(0, 539))).isoformat()

    def guest_count(self) -> int:
        """How many guests are invited."""
        return self._between(2, 30) * 10

    def sentence(self, words: Any = 8) -> str:
        """A sentence of that many words (1 to 100)."""
        count = min(max(int(words), 1), 100)
        text = " ".join(self._rng.choices(_WORDS, k=count))
        return f"{text.capitalize()}."

    def intake_fields(self) -> list[dict[str, Any]]:
        """The fields of a supplier's intake form: date, venue, guests, style, requests."""
        return [
            _field("wedding_date", "Wedding date", "text", required=True),
            _field("venue", "Venue", "text", required=True),
            _field("guest_count", "Guest count", "number", required=self._random() < 0.8),
            _field("photography_style", "Photography style", "select", required=True)
            | {"options": self._some_of(_STYLES, self._between(2, len(_STYLES)))},
            _field("special_requests", "Special requests", "textarea", required=False),
        ]

    def responses(self, fields: list[dict[str, Any]]) -> dict[str, Any]:
        """A couple's answers to such fields; one that is not required is sometimes left out."""
        return {
            field["name"]: self._answer(field)
            for field in fields
            if field["required"] or self._random() < 0.7
        }

    def _answer(self, field: dict[str, Any]) -> Any:
        match field["type"]:
            case "number":
                return self.guest_count()
            case "select":
                return self._one_of(field["options"])
            case "textarea":
                return self.sentence(self._between(4, 20))
            case _:
                return self.wedding_date() if "date" in field["name"] else self.venue()

    def supplier_search(self) -> dict[str, Any]:
        """What a couple looks for: a trade, a place, a date, a budget and a rating."""
        rng = self._rng
        _, latitude, longitude = self._one_of(_CITIES)
        low = 100 * self._between(5, 24)
        return {
            "category": self._one_of(_CATEGORIES),
            "lat": round(latitude + rng.uniform(-0.3, 0.3), 4),
            "lon": round(longitude + rng.uniform(-0.3, 0.3), 4),
            "radius_km": self._one_of((25, 50, 100)),
            "min_price": low,
            "max_price": low + 500 * self._between(2, 9),
            "date": self.wedding_date(),
            "min_rating": self._one_of((3.0, 3.5, 4.0)),
        }

    # `random.Random` has these too, fair to the last bit and many times slower

    def _one_of(self, things: Sequence[T]) -> T:
        return things[int(self._random() * len(things))]

    def _between(self, least: int, most: int) -> int:
        return least + int(self._random() * (most - least + 1))

    def _some_of(self, things: Sequence[T], number: int) -> list[T]:
        """Different ones, in any order."""
        left = list(things)
        return [left.pop(int(self._random() * len(left))) for _ in range(number)]


def _field(name: str, label: str, kind: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "label": label, "type": kind, "required": required}
