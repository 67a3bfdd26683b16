"""Distributions of durations as a plan writes them: `2s`, `uniform(1s, 3s)`, `lognormal(p50=…)`.

Parsing and drawing; used by think time (and by whatever else waits for a random while).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wedload.units import format_duration_ns, parse_duration_ns

if TYPE_CHECKING:
    import random

Shape = Literal["constant", "uniform", "normal", "exponential", "lognormal"]

#: shape -> names of its two (or one) parameters, in order
_PARAMETERS: Final[dict[Shape, tuple[str, ...]]] = {
    "constant": ("value",),
    "uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "exponential": ("mean",),
    "lognormal": ("p50", "p99"),
}
_CALL = re.compile(r"\s*([a-z]+)\s*\(([^()]*)\)\s*")
_Z99: Final = 2.3263478740408408  # standard normal quantile of 0.99


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of durations; `a_ns`, `b_ns` are its parameters in the order of its shape."""

    shape: Shape
    a_ns: int
    b_ns: int = 0

    @staticmethod
    def parse(text: str) -> Distribution:
        """Read a distribution.

        Raises:
            ValueError: the message names the shapes and their parameters.
        """
        match = _CALL.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            return Distribution("constant", parse_duration_ns(text))
        shape = next((known for known in _PARAMETERS if known == match[1]), None)
        if shape is None:
            raise ValueError(f"{match[1]!r} is not a distribution; known: {', '.join(_PARAMETERS)}")
        names = _PARAMETERS[shape]
        values: dict[str, int] = {}
        for position, argument in enumerate(filter(str.strip, match[2].split(","))):
            name, equals, value = argument.rpartition("=")
            key = name.strip() if equals else names[min(position, len(names) - 1)]
            if key not in names or key in values:
                raise ValueError(f"{text!r}: write {shape}({', '.join(names)})")
            values[key] = parse_duration_ns(value)
        if len(values) != len(names):
            raise ValueError(f"{text!r}: write {shape}({', '.join(names)})")
        a_ns, b_ns = values[names[0]], values[names[1]] if len(names) > 1 else 0
        if shape == "uniform" and b_ns < a_ns:
            raise ValueError(f"{text!r}: the upper end is below the lower one")
        if shape == "lognormal" and not 0 < a_ns <= b_ns:
            raise ValueError(f"{text!r}: p50 must be above zero and not above p99")
        return Distribution(shape, a_ns, b_ns)

    def draw_ns(self, rng: random.Random) -> int:
        """One value, ns, never below zero.

        Source: lognormal with median m and 99th percentile p has sigma = ln(p/m) / z(0.99).
        """
        match self.shape:
            case "constant":
                return self.a_ns
            case "uniform":
                return round(rng.uniform(self.a_ns, self.b_ns))
            case "normal":
                return max(0, round(rng.gauss(self.a_ns, self.b_ns)))
            case "exponential":
                return round(rng.expovariate(1 / self.a_ns)) if self.a_ns else 0
            case "lognormal":
                return round(rng.lognormvariate(math.log(self.a_ns), self._sigma))

    @property
    def _sigma(self) -> float:
        return math.log(self.b_ns / self.a_ns) / _Z99

    @property
    def mean_ns(self) -> float:
        """The mean, ns (of a normal one before it is cut at zero); for estimates."""
        match self.shape:
            case "uniform":
                return (self.a_ns + self.b_ns) / 2
            case "lognormal":
                return self.a_ns * math.exp(self._sigma**2 / 2)
            case _:
                return float(self.a_ns)

    def __str__(self) -> str:
        names = _PARAMETERS[self.shape]
        if self.shape == "constant":
            return format_duration_ns(self.a_ns)
        values = (self.a_ns, self.b_ns)
        inside = ", ".join(
            f"{name}={format_duration_ns(value)}"
            for name, value in zip(names, values, strict=False)
        )
        return f"{self.shape}({inside})"
