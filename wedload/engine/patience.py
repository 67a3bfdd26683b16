"""How long clean-up waits for a target that refuses for now. Pure: instants are given to it.

A minute in all, and a second more for each deletion that works, never more than the minute at once:
so a target that limits but lets some through is waited for, and one that limits for ever is not.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from wedload.engine.holding import asked_ns, asks_to_wait
from wedload.plan.retry import Retry
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response

_NOT_NOW: Final = Retry(
    attempts=4, outcomes=frozenset({"reset"}), statuses=frozenset({429, 503}), base_ns=NS_PER_S // 2
)
_NO_JITTER: Final = random.Random(0)  # noqa: S311 - a policy without jitter asks it nothing
#: what the target wants to be left alone for longer is left behind
MOST_WAIT_NS: Final = 30 * NS_PER_S
_MOST_IN_ALL_NS: Final = 60 * NS_PER_S
_EARNED_NS: Final = NS_PER_S
ASKS_TOO_MUCH: Final = "the target asks to be left alone for longer than clean-up waits"
LIMITS: Final = "the target limits clean-up, and lets too little through"


class Patience:
    """What is left of the time that clean-up waits as it was told to."""

    def __init__(self) -> None:
        self._left_ns = _MOST_IN_ALL_NS
        self._granted_until_ns = 0  # waits at the same time are one wait
        self._limited = 0  # answers in a row that ask to wait
        self._worn_out = False  # whether a wait was refused since the last deletion that worked

    def refuses(self, now_ns: int, until_ns: int) -> str | None:
        """Why a wait from now until an instant is not begun; None: it is, and is taken off."""
        if until_ns - now_ns > MOST_WAIT_NS:
            self._worn_out = True
            return ASKS_TOO_MUCH
        more_ns = max(until_ns - max(now_ns, self._granted_until_ns), 0)
        if more_ns > self._left_ns:
            self._worn_out = True
            return LIMITS
        self._left_ns -= more_ns
        self._granted_until_ns = max(until_ns, self._granted_until_ns)
        return None

    def take_in(self, response: Response) -> None:
        """Heed whether a response is one of a limit; one that never came says nothing."""
        if asks_to_wait(response):
            self._limited += 1
            self._worn_out = self._worn_out or (asked_ns(response) or 0) > MOST_WAIT_NS
        elif response.status:
            self._limited = 0

    def deleted(self) -> None:
        """A deletion has worked."""
        self._left_ns = min(self._left_ns + _EARNED_NS, _MOST_IN_ALL_NS)
        self._worn_out = False

    def is_over(self, most: int, *, retries: bool = True) -> bool:
        """Whether to give up: so many in a row were limited, and there is no waiting any more.

        `retries`: whether anything that is refused is sent again.
        """
        return self._limited >= most and (self._worn_out or not retries)


def again_after_ns(response: Response, attempt: int) -> int | None:
    """After how long what was refused for now is asked for again; None: not at all.

    Who was told to wait is held back anyway.
    """
    if not _NOT_NOW.wants(attempt, response.outcome, response.status):
        return None
    if (asked_ns(response) or 0) > MOST_WAIT_NS:
        return None
    return 0 if asks_to_wait(response) else _NOT_NOW.delay_ns(attempt, _NO_JITTER)
