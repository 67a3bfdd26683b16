"""Sizes and lengths of time as the page writes them; figures are those of `wedload.units`. Pure."""

from __future__ import annotations

from typing import Final

_BYTES: Final = ("B", "kB", "MB", "GB", "TB")


def size(number: float) -> str:
    """Bytes in decimal units: `81 MB`."""
    for unit in _BYTES[:-1]:
        if number < 999.5:
            return f"{number:.0f} {unit}" if number >= 9.95 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} {_BYTES[-1]}"


def lasting(seconds: float) -> str:
    """How long: `9 min`, `1 min 4 s`, `1 h 5 min`, `12.3 s`."""
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "h"), (minutes, "min"), (rest if not hours else 0, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
