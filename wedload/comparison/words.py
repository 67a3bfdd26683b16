"""What changed, in words: `submit form p95 +18 % (12–25 %), 412 → 486 ms`. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from wedload.units import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.comparison.model import Comparison, Row, RowUnit

_MINUS: Final = "−"
_VERDICTS: Final = {
    "regression": "REGRESSION",
    "no-regression": "NO REGRESSION",
    "inconclusive": "INCONCLUSIVE",
}
_MOST_NAMED: Final = 3


def sentence(row: Row) -> str:
    """One line on a row."""
    if row.base is None or row.current is None or row.change is None:
        shown = values_words(row)
        text = f"{row.name} {shown}" if shown else row.name
        return f"{text}: {row.reason}" if row.reason else text
    change, interval = change_words(row), interval_words(row)
    if row.unit == "ratio":
        text = f"{row.name} {values_words(row)} ({interval or change})"
    else:
        within = f" ({interval})" if interval else ""
        text = f"{row.name} {change}{within}, {values_words(row)}"
    if row.outcome == "inconclusive":
        text += f"; {_remedy(row)}"
    return text


def _remedy(row: Row) -> str:
    if _by_rank(row):
        return "more runs a side would tell"
    if row.needed_s is None:
        return "too close to the margin for a longer run to decide"
    return f"runs of about {span_words(row.needed_s)} would decide"


def _by_rank(row: Row) -> bool:
    return row.blocks is None and row.p is not None


def headline(comparison: Comparison) -> str:
    """The outcome, and how many rows it is about."""
    verdict = _VERDICTS[comparison.outcome]
    if not comparison.comparable:
        return f"{verdict}: these runs cannot be compared"
    if comparison.method == "points":
        return f"{verdict}: figures without intervals decide nothing"
    rows = comparison.rows
    decided = [row for row in rows if row.outcome in {"regression", "no-regression"}]
    of = f"{len(rows)} row{'s' * (len(rows) != 1)}"
    match comparison.outcome:
        case "regression":
            worse = sum(row.outcome == "regression" for row in rows)
            text = f"{worse} of {of} worse by more than the margin"
        case "no-regression":
            text = f"none of {of} worse by more than the margin"
            if left := sum(row.outcome == "inconclusive" for row in rows):
                text += f", {left} left open"
        case _:
            text = f"{len(decided)} of {of} decided"
    better = sum(row.improved for row in rows)
    return f"{verdict}: {text}" + (f", {better} better" if better else "")


def in_short(rows: Sequence[Row]) -> list[str]:
    """Why a comparison is inconclusive, and what would help."""
    open_ = [row for row in rows if row.outcome == "inconclusive" and row.holds]
    if not open_:
        return ["no row has enough samples to be decided"]
    gone = [row for row in open_ if row.base is None]
    reasons = [f"{row.name}: {row.reason}" for row in gone]
    open_ = [row for row in open_ if row.base is not None]
    helped = [row for row in open_ if row.needed_s is not None]
    if helped:
        longest = max(row.needed_s or 0.0 for row in helped)
        reasons.append(
            f"{_named(helped)} could not be decided; runs of about {span_words(longest)} would"
        )
    if ranked := [row for row in open_ if _by_rank(row)]:
        reasons.append(f"{_named(ranked)} could not be decided; more runs a side would tell")
    close = [row for row in open_ if row.needed_s is None and not _by_rank(row)]
    if close:
        reasons.append(
            f"{_named(close)} came out too close to the margin: several runs a side, or another"
            " --margin, would tell more"
        )
    return reasons


def left_open(rows: Sequence[Row], outcome: str) -> list[str]:
    """What a comparison that is decided says nothing of."""
    open_ = [row for row in rows if row.outcome == "inconclusive"]
    if outcome != "no-regression" or not open_:
        return []
    longest = max((row.needed_s or 0.0 for row in open_), default=0.0)
    longer = f"; runs of about {span_words(longest)} would" if longest else ""
    return [f"{_named(open_)} could not be decided, and is not in the benchmark table{longer}"]


def _named(rows: Sequence[Row]) -> str:
    names = [row.name for row in rows[:_MOST_NAMED]]
    more = len(rows) - len(names)
    if more:
        return f"{', '.join(names)} and {more} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# -- figures


def change_words(row: Row) -> str:
    """`+18 %`, `−4.2 %`, `+0.9 points`, `12 times`."""
    return "" if row.change is None else _change(row.change, row.unit)


def _change(change: float, unit: RowUnit) -> str:
    if unit == "ratio":
        return f"{_signed(change * 100, fine=True)} points"
    return f"{change + 1:,.0f} times" if change >= 9 else f"{_signed(change * 100)} %"


def interval_words(row: Row) -> str:
    """`12–25 %`, `−2 to +5 %`, `+0.9 to +1.6 points`; of a short run `at least 15 times`."""
    if row.interval is None:
        return "" if row.at_least is None else f"at least {_change(row.at_least, row.unit)}"
    low, high = row.interval
    if row.unit != "ratio" and low >= 9:
        return f"{low + 1:,.0f}–{high + 1:,.0f} times"
    left, right = _same_digits(low * 100, high * 100, fine=row.unit == "ratio")
    if row.unit == "ratio":
        return f"{_signs(low, left)} to {_signs(high, right)} points"
    if low >= 0:
        return f"{left}–{right} %"
    return f"{_signs(low, left)} to {_signs(high, right)} %"


def values_words(row: Row) -> str:
    """`412 → 486 ms`, `0.2 % → 1.4 %`, `531 → 467 req/s`; empty if there are none."""
    if row.base is None and row.current is None:
        return ""
    if row.unit == "ms" and row.base is not None and row.current is not None:
        return _durations(row.base, row.current)
    if row.unit == "per_s" and row.base is not None and row.current is not None:
        per = "req/s" if row.metric == "http_reqs" else "/s"
        return f"{_plain(row.base)} → {_plain(row.current)} {per}"
    return f"{value_words(row.base, row.unit)} → {value_words(row.current, row.unit)}"


def value_words(value: float | None, unit: RowUnit) -> str:
    """One value: `412 ms`, `98.2 ms`, `1.4 %`, `531/s`; a dash for None."""
    if unit == "ms" and value is not None and 0.0995 <= value < 99.95:
        return f"{_plain(value)} ms"  # a digit more than elsewhere: changes are of a few percent
    return format_value(value, unit)


def span_words(seconds: float) -> str:
    """About how long: `40 s`, `20 min`, `3 h`; rounded up."""
    if seconds <= 90:
        return f"{max(math.ceil(seconds / 10), 1) * 10} s"
    minutes = seconds / 60
    if minutes <= 90:
        return f"{math.ceil(minutes)} min"
    return f"{math.ceil(minutes / 60)} h" if minutes < 60 * 72 else "several days"


def _durations(base: float, current: float) -> str:
    """Both in one unit and with as many digits, so that they can be seen to differ."""
    largest, smallest = max(base, current), min(base, current)
    if largest >= 999.5:
        base, current, smallest, unit = base / 1000, current / 1000, smallest / 1000, "s"
    else:
        unit = "ms"
    digits = 0 if smallest >= 100 else 1 if smallest >= 10 else 2 if smallest >= 0.1 else 3
    return f"{base:,.{digits}f} → {current:,.{digits}f} {unit}"


def _plain(value: float) -> str:
    """About three digits: 1,234, 531, 12.3, 1.23."""
    size = abs(value)
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
    return f"{value:,.{digits}f}".replace("-", _MINUS)


def _signed(value: float, *, fine: bool = False) -> str:
    return _signs(value, _digits(value, _places(abs(value), fine=fine)))


def _signs(value: float, digits: str) -> str:
    if not digits.strip("0."):
        return "±0"
    return f"{_MINUS if value < 0 else '+'}{digits}"


def _same_digits(low: float, high: float, *, fine: bool) -> tuple[str, str]:
    """Without signs, both with as many digits as the larger one asks for."""
    finite = [abs(one) for one in (low, high) if math.isfinite(one)]
    places = _places(max(finite, default=0.0), fine=fine)
    return _digits(low, places), _digits(high, places)


def _places(size: float, *, fine: bool) -> int:
    """Digits behind the point; `fine`: small figures matter too."""
    if fine and size < 0.195:
        return 2
    return 0 if size >= 9.95 else 1


def _digits(value: float, places: int) -> str:
    return "∞" if math.isinf(value) else f"{abs(value):,.{places}f}"
