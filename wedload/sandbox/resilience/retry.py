"""Whether to try again, and after which wait. Pure: chance is given to it.

The waits double and each is drawn between nothing and its bound ("full jitter"), so that those who
failed together do not come back together.

Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

#: attempts of an operation, the first included
MOST_ATTEMPTS: Final = 3
#: and with no budget that keeps them rare
MOST_UNBUDGETED: Final = 8


@dataclass(frozen=True, slots=True)
class Retry:
    """At most so many attempts; the wait before the n-th retry is up to base · 2ⁿ⁻¹, capped."""

    most_attempts: int = MOST_ATTEMPTS
    base_s: float = 0.02
    cap_s: float = 0.08
    jitter: bool = True
    retry_after: bool = True

    def wait_s(self, attempts: int, asked_s: float | None, random: Random) -> float | None:
        """Seconds to wait after so many attempts (≥ 1); None: no more attempts.

        A third party that says when to come back is not asked any earlier, and not by everybody
        at that very instant.
        """
        if attempts >= self.most_attempts:
            return None
        bound_s = min(self.cap_s, self.base_s * 2.0 ** (attempts - 1))
        wait_s = random.random() * bound_s if self.jitter else bound_s
        if asked_s is not None and self.retry_after:
            return asked_s + wait_s
        return wait_s


def asked_wait_s(header: str | None, now_s: float | None = None) -> float | None:
    """What a `Retry-After` asks for, in seconds (RFC 9110, section 10.2.3); None: nothing.

    `now_s` is Unix time, which a date is compared with.
    """
    if header is None:
        return None
    text = header.strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        then_s = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, then_s - (time.time() if now_s is None else now_s))
