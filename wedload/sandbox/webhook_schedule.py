"""When a webhook that was not delivered is sent again, and what an answer means. Reads no clock.

Sources: the Standard Webhooks specification ("Delivery": only 2xx is success, 410 ends it, 429, 502
and 504 ask for less); RFC 9110, section 10.2.3 (Retry-After); M. Brooker, "Exponential Backoff And
Jitter", AWS Architecture Blog, 2015 (full jitter: anything between 0 and the wait, so that what
failed together does not come back together).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from random import Random
from typing import Final

DEFAULT: Final = "200ms,1s,5s"
MOST_RETRIES: Final = 20
LONGEST_S: Final = 3600.0
_WAIT: Final = re.compile(r"\s*(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s)\s*")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0}
_SLOWER: Final = frozenset({429, 502, 504})
_GONE: Final = 410


class Outcome(Enum):
    """What an attempt came to."""

    DELIVERED = auto()
    FAILED = auto()
    SLOW_DOWN = auto()  # failed, and nothing else should be sent there for a while
    GONE = auto()  # the receiver wants no more, ever


def outcome(status: int | None) -> Outcome:
    """What a status means; None is no answer at all."""
    if status is None:
        return Outcome.FAILED
    if 200 <= status <= 299:
        return Outcome.DELIVERED
    if status == _GONE:
        return Outcome.GONE
    return Outcome.SLOW_DOWN if status in _SLOWER else Outcome.FAILED


def retry_after_s(value: str | None, now_s: float) -> float | None:
    """The seconds that a `Retry-After` asks for, 0 to an hour; None if it asks for nothing.

    `now_s` is Unix time, which a date is compared with.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:10]), LONGEST_S)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:  # what an unknown zone is parsed as
        date = date.replace(tzinfo=UTC)
    return min(max(0.0, date.timestamp() - now_s), LONGEST_S)


def parse_schedule(text: str) -> tuple[float, ...]:
    """Read `200ms,1s,5s`; `none` is no retry.

    Raises:
        ValueError: it is not of that form; the message says what is expected.
    """
    if text.strip().lower() == "none":
        return ()
    found = [_WAIT.fullmatch(one) for one in text.split(",")]
    waits = tuple(float(one["number"]) * _UNIT_S[one["unit"]] for one in found if one)
    if len(waits) != len(found) or len(waits) > MOST_RETRIES or max(waits) > LONGEST_S:
        raise ValueError(
            f"{text!r} is no list of waits; write {DEFAULT!r}, with ms or s, at most"
            f" {MOST_RETRIES} of at most {LONGEST_S:g}s each, or 'none'"
        )
    return waits


@dataclass(frozen=True, slots=True)
class Schedule:
    """The longest wait before each retry, and the seed that the real waits are drawn from."""

    waits_s: tuple[float, ...]
    seed: int = 1

    def wait_s(self, sequence: int, attempts: int, asked_s: float | None) -> float | None:
        """Seconds until the next attempt after so many (≥ 1); None when it was the last.

        Full jitter, the same for the same seed, `sequence` (the message's) and attempt; never less
        than the receiver asked for.
        """
        if attempts > len(self.waits_s):
            return None
        draw = Random(f"{self.seed}/{sequence}/{attempts}").random()  # noqa: S311 - it must repeat
        return max(draw * self.waits_s[attempts - 1], asked_s or 0.0)
