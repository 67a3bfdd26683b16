"""Endpoints that are made slower on purpose, so that a load test has something to find.

Reads what was asked for and says which route of the table waits how long; knows no route itself.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from .errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SLOW = "WEDLOAD_SANDBOX_SLOW"
LONGEST_S: Final = 600.0
_FORM: Final = re.compile(
    r"\s*(?P<method>[A-Za-z]+|\*)\s+(?P<path>/\S*?)\s*"
    r"=\s*(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s)\s*"
)
_UNIT_S: Final = {"ms": 0.001, "s": 1.0}
SHORTEST_SLEEP_S: Final = 0.001  # an event loop's timers count milliseconds


#: (method, path) of a route → seconds that its answers wait
Delays = dict[tuple[str, str], float]


class Endpoint(Protocol):
    """What a line of the table of routes is called."""

    @property
    def method(self) -> str:
        """`GET`."""

    @property
    def path(self) -> str:
        """`/api/forms/{form_id}`."""


@dataclass(frozen=True, slots=True)
class SlowDown:
    """One wish: routes of this method (`*`: any) and path (`*`: any one segment) wait so long."""

    method: str
    path: str
    delay_s: float

    def matches(self, route: Endpoint) -> bool:
        """Whether the route is meant; what a request may vary in it is `*` or named as it is."""
        asked, there = self.path.split("/"), route.path.split("/")
        return (
            self.method in {"*", route.method}
            and len(asked) == len(there)
            and all(a in {"*", t} for a, t in zip(asked, there, strict=True))
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def parse_slow_down(text: str) -> SlowDown:
    """Read `POST /api/forms/*/submit=50ms`.

    Raises:
        ValueError: it is not of that form; the message says what is expected.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(
            f"{text!r} is not METHOD PATH=DURATION; write 'POST /api/forms/*/submit=50ms',"
            " with * for one segment of the path, and ms or s"
        )
    delay_s = float(form["number"]) * _UNIT_S[form["unit"]]
    if delay_s > LONGEST_S:
        raise ValueError(f"{text!r} is longer than {LONGEST_S:g}s")
    return SlowDown(form["method"].upper(), form["path"], delay_s)


def slow_downs_in(variable: str) -> tuple[SlowDown, ...]:
    """Those in the environment's variable, which separates them with semicolons.

    Raises:
        OptionError: one of them is not of the right form.
    """
    try:
        return tuple(parse_slow_down(one) for one in variable.split(";") if one.strip())
    except ValueError as error:
        raise OptionError(f"{SLOW}: {error}") from None


def delays(wishes: Sequence[SlowDown], routes: Iterable[Endpoint]) -> Delays:
    """How long each route waits that is to; of several wishes for one the last counts.

    Raises:
        OptionError: a wish is for no route that there is.
    """
    routes = tuple(routes)
    for wish in wishes:
        if not any(map(wish.matches, routes)):
            known = "".join(f"\n  {route.method} {_pattern(route.path)}" for route in routes)
            raise OptionError(f"{wish} is no endpoint to slow down; there are:{known}")
    return {
        (route.method, route.path): wish.delay_s
        for wish in wishes
        for route in routes
        if wish.matches(route)
    }


def _pattern(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "*", path)


async def linger(delay_s: float) -> None:
    """Wait, never less than asked for: a timer of an event loop may be early by its rounding."""
    until = time.perf_counter() + delay_s
    while (left := until - time.perf_counter()) > 0:
        await asyncio.sleep(max(left, SHORTEST_SLEEP_S))
