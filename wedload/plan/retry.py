"""`retry`: when a request is sent again, how often, and after how long. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from wedload.plan.expressions.expression import suggest, type_name
from wedload.plan.fields import StatusSet
from wedload.plan.parsing import FieldError, Parsed, flag, keyed, text_in
from wedload.units import NS_PER_MS, NS_PER_S, parse_duration_ns

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_BACKOFFS: Final = ("constant", "exponential", "exponential-jitter")
#: outcomes of a request after which another one may fare better
_OUTCOMES: Final = ("timeout", "reset", "connect", "dns", "tls", "protocol")
_MOST_ATTEMPTS: Final = 20
_EXAMPLE: Final = '{ attempts = 3, on = ["timeout", 503] }'


@dataclass(frozen=True, slots=True)
class Retry:
    """A policy; durations are ns."""

    attempts: int = 3  # the first request included
    outcomes: frozenset[str] = frozenset({"timeout", "reset", "connect"})
    statuses: frozenset[int] = frozenset({429, 502, 503, 504})
    backoff: str = "exponential"
    base_ns: int = 100 * NS_PER_MS
    max_ns: int = 5 * NS_PER_S
    respect_retry_after: bool = True

    def wants(self, attempt: int, outcome: str, status: int) -> bool:
        """Whether another request follows attempt number `attempt`, from 1."""
        return attempt < self.attempts and (outcome in self.outcomes or status in self.statuses)

    def delay_ns(self, attempt: int, rng: random.Random) -> int:
        """How long to wait after attempt number `attempt`, from 1.

        constant: base; exponential: base · 2^(attempt−1), at most max; with jitter: anything from 0
        to that, each as likely.
        Source: "Exponential Backoff And Jitter", AWS Architecture Blog (full jitter).
        """
        if self.backoff == "constant":
            return self.base_ns
        delay_ns = min(self.base_ns << (attempt - 1), self.max_ns)
        return rng.randint(0, delay_ns) if self.backoff == "exponential-jitter" else delay_ns


def _retry(value: Any) -> Retry:
    """Read a policy; raises ValueError."""
    given: dict[str, Any] = {}
    for read in keyed(value, _EXAMPLE, _READERS).values():
        given |= read
    policy = Retry(**given)
    if policy.base_ns > policy.max_ns:
        raise FieldError([(("base",) if "base_ns" in given else (), "base is longer than max")])
    return policy


def _attempts(value: Any) -> dict[str, Any]:
    if type(value) is not int or not 2 <= value <= _MOST_ATTEMPTS:
        shown = value if type(value) is int else type_name(value)
        raise ValueError(f"is {shown}; it must be a number from 2 to {_MOST_ATTEMPTS}")
    return {"attempts": value}


def _on(value: Any) -> dict[str, Any]:
    outcomes: set[str] = set()
    statuses: set[int] = set()
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    items = value if isinstance(value, list) else [value]
    for index, item in enumerate(items):
        if item in _OUTCOMES:
            outcomes.add(item)
            continue
        try:
            statuses |= StatusSet.parse(item).codes
        except ValueError:
            near = suggest(str(item), _OUTCOMES) or f"; known: {', '.join(_OUTCOMES)}"
            problem = f"{item!r} is neither a status nor a kind of failure{near}"
            wrong.append(((index,) if isinstance(value, list) else (), problem))
    if not items:
        raise ValueError("names nothing: such a request would never be sent again")
    if wrong:
        raise FieldError(wrong)
    return {"outcomes": frozenset(outcomes), "statuses": frozenset(statuses)}


def _backoff(value: Any) -> dict[str, Any]:
    text = text_in(value)
    if text not in _BACKOFFS:
        near = suggest(text, _BACKOFFS) or f"; known: {', '.join(_BACKOFFS)}"
        raise ValueError(f'"{text}" is not known here{near}')
    return {"backoff": text}


_READERS: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {
    "attempts": _attempts,
    "on": _on,
    "backoff": _backoff,
    "base": lambda value: {"base_ns": parse_duration_ns(value)},
    "max": lambda value: {"max_ns": parse_duration_ns(value)},
    "respect_retry_after": lambda value: {"respect_retry_after": flag(value)},
}

RetryField = Annotated[Retry, Parsed(_retry, (("type", "object"),))]
