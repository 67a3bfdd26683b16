"""One third party, asked with everything that protects from it. Knows no protocol and no service.

An operation is what is wanted of it once; its attempts are made one after the other, within one
deadline, each with what is left of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from ..tracing.scope import part
from .breaker import Breaker, Limits
from .budget import Allowance, Budget
from .counts import Counts
from .retry import MOST_UNBUDGETED, Retry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from .breaker import Permit
    from .deadline import Deadline
    from .protections import Protections

T = TypeVar("T")

#: `rejected`: it was asked for something that it will never do; `asked`: the test wants it to fail
Why = Literal["breaker", "deadline", "attempts", "budget", "retry-after", "rejected", "asked"]


class AttemptError(Exception):
    """An attempt that failed; `lasting` if another would fail too, `asked_s` when it may be made.

    `unknown` if it may have been carried out all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        lasting: bool = False,
        asked_s: float | None = None,
        unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.lasting = lasting
        self.asked_s = asked_s
        self.unknown = unknown


class ThirdPartyError(Exception):
    """An operation that failed, and why; `unknown` if it may have been carried out all the same."""

    def __init__(
        self, party: str, why: Why, message: str, *, unknown: bool = False,
        asked_s: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.party = party
        self.why: Why = why
        self.unknown = unknown
        self.asked_s = asked_s


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """What is wanted: `attempt` is called with the number of attempts made before (0, 1, …).

    It is cancelled when the deadline ends.
    """

    attempt: Callable[[int], Awaitable[T]]
    deadline: Deadline
    most_attempts: int | None = None  # fewer than the policy has; None: as many


class Guard:
    """One third party's breaker, budget and counts; `clock` in seconds, as `Deadline` has it."""

    def __init__(
        self, name: str, protections: Protections, clock: Callable[[], float], random: Random
    ) -> None:
        self.name = name
        self.protections = protections
        self.clock = clock
        self.counts = Counts()
        self.breaker = Breaker(Limits())
        self.budget = Budget(Allowance(), clock())
        self._random = random
        self._retry = Retry(jitter=protections.jitter, retry_after=protections.retry_after)
        if not protections.retry_budget:
            self._retry = replace(self._retry, most_attempts=MOST_UNBUDGETED)

    async def guarded(self, operation: Operation[T]) -> T:
        """What the first attempt that succeeds returns.

        Raises:
            ThirdPartyError: none did, or none was made.
        """
        self.counts.operations += 1
        permit = self._admit()
        failed: bool | None = None
        try:
            found = await self._attempts(operation, probe=permit is not None and permit.probe)
            failed = False
            self.counts.succeeded += 1
        except ThirdPartyError as error:
            # it answered, and well: what it was asked for was wrong
            failed = error.why != "rejected"
            self.counts.failed += 1
            raise
        else:
            return found
        finally:
            if permit is not None:
                self.breaker.settle(permit, self.clock(), failed=failed)
                self.counts.breaker_opened = self.breaker.opened

    def _admit(self) -> Permit | None:
        if not self.protections.breaker:
            return None
        permit = self.breaker.admit(self.clock())
        if permit is None:
            self.counts.breaker_refused += 1
            raise self._error("breaker", "failed too often of late and is not asked now")
        return permit

    async def _attempts(self, operation: Operation[T], *, probe: bool) -> T:
        self.budget.asked(self.clock())
        made, unknown = 0, False
        while True:
            try:
                return await self._attempt(operation, made)
            except TimeoutError:
                self.counts.deadline_exceeded += 1
                raise self._error("deadline", "did not answer in time", unknown=True) from None
            except AttemptError as error:
                made += 1
                unknown = unknown or error.unknown
                wait_s = self._wait_s(operation, made, error, probe=probe, unknown=unknown)
            with part("wait before a retry"):
                await asyncio.sleep(wait_s)

    async def _attempt(self, operation: Operation[T], made: int) -> T:
        left_s = operation.deadline.left_s(self.clock())
        if not operation.deadline.allows(self.clock()):
            raise TimeoutError
        self.counts.attempts += 1
        self.counts.retries += made > 0
        async with asyncio.timeout(None if left_s == float("inf") else left_s):
            return await operation.attempt(made)

    def _wait_s(
        self, operation: Operation[T], made: int, error: AttemptError, *, probe: bool, unknown: bool
    ) -> float:
        """How long to wait for the next attempt; raises where there is none."""
        said = str(error)
        if error.lasting:
            raise self._error("rejected", said, unknown=unknown)
        retry = self._retry
        if operation.most_attempts is not None:
            retry = replace(retry, most_attempts=operation.most_attempts)
        wait_s = retry.wait_s(made, error.asked_s, self._random)
        if wait_s is None:
            raise self._error("attempts", said, unknown=unknown, asked_s=error.asked_s)
        now_s = self.clock()
        if not operation.deadline.allows(now_s, wait_s):
            if error.asked_s is not None and retry.retry_after:
                self.counts.retry_after_too_long += 1
                raise self._error("retry-after", said, unknown=unknown, asked_s=error.asked_s)
            self.counts.deadline_exceeded += 1
            raise self._error("deadline", said, unknown=unknown)
        # A probe finds out whether somebody is back, for which one attempt is enough.
        if self.protections.retry_budget and (probe or not self.budget.take(now_s)):
            self.counts.refused_by_budget += 1
            raise self._error("budget", said, unknown=unknown)
        return wait_s

    def _error(
        self, why: Why, said: str, *, unknown: bool = False, asked_s: float | None = None
    ) -> ThirdPartyError:
        message = f"the {self.name} service {said}"
        return ThirdPartyError(self.name, why, message, unknown=unknown, asked_s=asked_s)
