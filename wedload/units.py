"""Quantities as people write them ("250ms", "40/s", "99.9%") to numbers and back.

Time inside wedload is an int of nanoseconds. This module knows nothing of plans.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Final

#: what stands for a figure that is not known, or has too few samples to be said
WITHHELD: Final = "–"

NS_PER_US: Final = 1_000
NS_PER_MS: Final = 1_000_000
NS_PER_S: Final = 1_000_000_000

UNIT_NS: Final[dict[str, int]] = {
    "ns": 1,
    "us": NS_PER_US,
    "µs": NS_PER_US,  # U+00B5, the micro sign
    "μs": NS_PER_US,  # U+03BC, the Greek letter, which looks the same
    "ms": NS_PER_MS,
    "s": NS_PER_S,
    "m": 60 * NS_PER_S,
    "h": 3600 * NS_PER_S,
    "d": 86_400 * NS_PER_S,
}

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"  # bounded: what is read always fits
_DURATION_PART = re.compile(rf"({_NUMBER})\s*(ns|us|µs|μs|ms|s|m|h|d)")
_DURATION = re.compile(rf"\s*(?:{_DURATION_PART.pattern}\s*)+")
_RATE = re.compile(rf"\s*({_NUMBER})\s*/\s*([0-9]{{0,9}})\s*(ms|s|m|h|d)\s*")
_BYTES: Final = ("B", "kB", "MB", "GB", "TB")
#: unit that a figure is shown in -> what its number is multiplied by
_FACTORS: Final = {
    " µs": 1e3, " s": 1e-3, " %": 100.0,
    **{f" {unit}{per}": 1e-3**power for power, unit in enumerate(_BYTES) for per in ("", "/s")},
}  # fmt: skip
_MOST_DIGITS: Final = 16  # after the point; a float has no more
_PERCENT = re.compile(rf"\s*({_NUMBER})\s*%\s*")


def parse_duration_ns(text: str) -> int:
    """Read a duration such as ``250ms``, ``1.5s`` or ``1m30s`` as nanoseconds (≥ 0).

    Raises:
        ValueError: no number, no unit, or an unknown one; the message says what is expected.
    """
    if not isinstance(text, str) or _DURATION.fullmatch(text) is None:
        raise ValueError(
            f"{text!r} is not a duration; write a number with a unit: 250ms, 10s, 1m30s"
        )
    return sum(
        round(Fraction(number) * UNIT_NS[unit]) for number, unit in _DURATION_PART.findall(text)
    )


def parse_rate(text: str) -> tuple[Fraction, int]:
    """Read a rate such as ``40/s`` or ``600/1m`` as (events, ns in which they happen).

    Raises:
        ValueError: not of the form number/unit; the message says what is expected.
    """
    match = _RATE.fullmatch(text) if isinstance(text, str) else None
    if match is None or (match[2] and not int(match[2])):
        raise ValueError(f"{text!r} is not a rate; write events per unit of time: 40/s, 600/1m")
    return Fraction(match[1]), int(match[2] or 1) * UNIT_NS[match[3]]


def parse_rate_per_s(text: str) -> float:
    """Read a rate such as ``40/s`` or ``600/1m`` as events per second; raises as `parse_rate`."""
    events, per_ns = parse_rate(text)
    return float(events * NS_PER_S / per_ns)


def parse_ratio(text: str) -> float:
    """Read ``99.9%`` or ``0.999`` as a ratio.

    Raises:
        ValueError: neither a percentage nor a number; the message says what is expected.
    """
    if (match := _PERCENT.fullmatch(text)) is not None:
        return float(Fraction(match[1]) / 100)  # exactly what 999 / 1000 is, too
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a ratio; write 99.9% or 0.999") from None


def format_value(value: float | None, unit: str, *, beside: float | None = None) -> str:
    """A figure with its unit – `ms`, `ratio`, `per_s`, `bytes` … – as all reports show it.

    No share is rounded to 0 or 100 %. What stands `beside` a threshold has as many digits as it
    takes to be on the same side of it as it is.
    """
    text = _in_unit(value, unit)
    if value is None or beside is None or not text[0].isdigit():
        return text
    sign = text.lstrip("0123456789.,")
    number = text.removesuffix(sign)
    factor = _FACTORS.get(sign, 1.0)
    for digits in range(1, _MOST_DIGITS):
        shown = float(number.replace(",", "")) / factor
        if _order(shown, beside) == _order(value, beside):
            break
        number = f"{value * factor:,.{digits}f}"
    else:  # beside 0, and smaller than any digit that is shown
        number = f"{value * factor:.2g}"
    return number + sign


def _order(one: float, other: float) -> int:
    return 0 if math.isclose(one, other, rel_tol=1e-9) else 1 if one > other else -1


def _in_unit(value: float | None, unit: str) -> str:
    match unit:
        case "ms":
            return format_ms(value)
        case "ratio":
            return format_ratio(value)
        case "per_s":
            return format_per_s(value)
        case "number":
            return format_number(value)
        case "bytes":
            return WITHHELD if value is None else format_size(value)
        case "bytes_per_s":
            return WITHHELD if value is None else f"{format_size(value)}/s"
        case _:
            return format_count(value)


def format_count(count: float | None) -> str:
    """`12,110`."""
    if count is None or math.isnan(count):
        return WITHHELD
    return "<1" if 0 < count < 0.5 else f"{count:,.0f}"


def format_number(number: float | None) -> str:
    """`3`, `1.24`, `12.5`: a mean of numbers, or a factor."""
    if number is None or math.isnan(number):
        return WITHHELD
    digits = 0 if abs(number) >= 99.95 else 1 if abs(number) >= 9.995 else 2
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def counted(number: int, noun: str) -> str:
    """`1 workflow`, `1,064 workflows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def format_per_s(rate: float | None) -> str:
    """`812/s`, `24.3/s`, `0.05/s`: two digits at least, and never none of something."""
    if rate is None or math.isnan(rate):
        return WITHHELD
    if 0 < rate < 0.005:
        return "<0.01/s"
    digits = 0 if rate >= 99.95 or rate == 0 else 1 if rate >= 9.95 else 2
    return f"{rate:,.{digits}f}/s"


def format_ratio(ratio: float | None) -> str:
    """`0 %`, `0.52 %`, `100 %`: what is not nothing or all is never rounded to it."""
    if ratio is None or math.isnan(ratio):
        return WITHHELD
    percent = ratio * 100
    if 0 < percent < 0.0005:
        return "<0.001 %"
    if 99.9995 <= percent < 100:
        return ">99.999 %"
    digits = 3 if percent < 0.1 or 99.9 < percent < 100 else 2 if percent < 10 else 1
    return f"{percent:.{digits}f}".rstrip("0").rstrip(".") + " %"


def format_ms(ms: float | None) -> str:
    """A duration in at most six characters: `42 µs`, `1.2 ms`, `210 ms`, `1.24 s`, `12.4 s`."""
    if ms is None or math.isnan(ms):
        return WITHHELD
    if ms < 0:  # a difference
        return f"-{format_ms(-ms)}"
    if ms < 0.0995:
        return "<1 µs" if 0 < ms < 0.0005 else f"{ms * 1000:.0f} µs"
    if ms < 9.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:.0f} s"


def format_size(number: float) -> str:
    """Bytes in decimal units: `81 MB`."""
    for unit in _BYTES[:-1]:
        if number < 999.5:
            return f"{number:.0f} {unit}" if number >= 9.95 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} {_BYTES[-1]}"


def format_duration_ns(duration_ns: int) -> str:
    """Write nanoseconds as a plan would: the shortest exact text, e.g. ``1m30s`` or ``250ms``."""
    if duration_ns == 0:
        return "0s"
    text, rest = "", duration_ns
    for unit in ("h", "m", "s", "ms", "us", "ns"):
        count, rest = divmod(rest, UNIT_NS[unit])
        if count:
            text += f"{count}{unit}"
    return text


def format_clock(seconds: float) -> str:
    """Show elapsed time as ``04:12`` (``1:04:12`` from an hour on)."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    tail = f"{minutes:02d}:{whole % 60:02d}"
    return f"{hours}:{tail}" if hours else tail
