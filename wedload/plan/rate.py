"""Rates of arrivals as a scenario writes them: `"40/s"`, or a number per its `time_unit`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from wedload.plan.expressions.expression import type_name
from wedload.units import NS_PER_S, parse_rate


@dataclass(frozen=True, slots=True)
class Rate:
    """Arrivals per stretch of time, exact."""

    arrivals: Fraction
    per_ns: int | None  # None: the scenario's `time_unit`

    @staticmethod
    def parse(value: Any) -> Rate:
        """Read `"40/s"`, `"600/1m"`, 40 or 0.5; raises ValueError."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            arrivals = Fraction(str(value))
            if arrivals < 0:
                raise ValueError(f"is {value}; it must be 0 or more")
            return Rate(arrivals, None)
        if isinstance(value, str):
            return Rate(*parse_rate(value))
        raise ValueError(f'expected a rate such as "40/s", found {type_name(value)}')

    def per_s(self, time_unit_ns: int) -> Fraction:
        """Arrivals per second; `time_unit_ns` is what a plain number refers to."""
        return self.arrivals * NS_PER_S / (self.per_ns or time_unit_ns)


NO_RATE: Final = Rate(Fraction(0), None)


def parse_target(value: Any) -> int | Rate:
    """Read a stage's target: a whole number of virtual users, or a rate; raises ValueError.

    A whole number stays one: which of the two it is, the scenario's executor says.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]+(?:\.[0-9]+)?\s*", value):
        raise ValueError(f'expected a number or a rate, found the text "{value}"; write {value}')
    if isinstance(value, float | str):
        return Rate.parse(value)
    raise ValueError(f"expected a whole number, found {type_name(value)}")
