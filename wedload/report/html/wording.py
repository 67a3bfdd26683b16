"""Lengths of time as the page writes them; figures are those of `wedload.units`. Pure."""

from __future__ import annotations


def lasting(seconds: float) -> str:
    """How long: `9 min`, `1 min 4 s`, `1 h 5 min`, `12.3 s`."""
    if seconds < 60:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "h"), (minutes, "min"), (rest if not hours else 0, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
