"""Numbers and moments as the report writes them. Pure.

A withheld figure is a dash: there were too few samples to say it.
"""

from __future__ import annotations

from typing import Final

from wedload.units import format_clock, format_ms

WITHHELD: Final = "–"
_BYTES: Final = ("B", "kB", "MB", "GB", "TB")


def count(number: float | None) -> str:
    """`12,110`."""
    return WITHHELD if number is None else f"{number:,.0f}"


def per_second(number: float | None) -> str:
    """`812/s`, `3.4/s`, `0.05/s`: two digits at least."""
    if number is None:
        return WITHHELD
    digits = 0 if number >= 99.95 or number == 0 else 1 if number >= 9.95 else 2
    return f"{number:,.{digits}f}/s"


def share(ratio: float | None) -> str:
    """`0 %`, `0.52 %`, `100 %`: what is not nothing or all is never rounded to it."""
    if ratio is None:
        return WITHHELD
    percent = ratio * 100
    if 0 < percent < 0.001:
        return "<0.001 %"
    if 99.999 < percent < 100:
        return ">99.999 %"
    digits = 3 if percent < 0.1 or percent > 99.9 else 2 if percent < 10 else 1
    return f"{percent:.{digits}f}".rstrip("0").rstrip(".") + " %"


def ms(value: float | None) -> str:
    """`412 ms`, `1.24 s`."""
    return WITHHELD if value is None else format_ms(value)


def size(number: float) -> str:
    """Bytes in decimal units: `81 MB`."""
    for unit in _BYTES[:-1]:
        if number < 999.5:
            return f"{number:.0f} {unit}" if number >= 9.95 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} {_BYTES[-1]}"


def value(number: float | None, unit: str) -> str:
    """A value of a benchmark row, by its unit."""
    match unit:
        case "ms":
            return ms(number)
        case "ratio":
            return share(number)
        case "per_s":
            return per_second(number)
        case _:
            return count(number)


def lasting(seconds: float) -> str:
    """How long: `9 min`, `1 min 4 s`, `1 h 5 min`, `12.3 s`."""
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "h"), (minutes, "min"), (rest if not hours else 0, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def clock(seconds: float) -> str:
    """A moment of the run: `04:31`."""
    return format_clock(seconds)
