"""Options of the rate limit, from the command line and the environment."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, get_args

from .errors import OptionError
from .rate_limit import RateLimit, Tells

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RATE_LIMIT: Final = "WEDLOAD_SANDBOX_RATE_LIMIT"
RETRY_AFTER: Final = "WEDLOAD_SANDBOX_RETRY_AFTER"
_DEFAULT_PER_S: Final = 100.0


def add_rate_limit(add: Callable[..., argparse.Action]) -> None:
    """Options of the rate limit; their values are for `rate_limit`."""
    add(
        "--rate-limit",
        type=amount,
        metavar="N",
        help="requests a second per token, twice that at once; 0: no limit"
        f" (default: {_DEFAULT_PER_S:g}; {RATE_LIMIT})",
    )
    add(
        "--retry-after",
        choices=get_args(Tells),
        help=f"how a 429 says when to come back (default: seconds; {RETRY_AFTER})",
    )


def rate_limit(given: argparse.Namespace, environment: Mapping[str, str]) -> RateLimit:
    """What was given, else what the environment says.

    Raises:
        OptionError: the environment's part is wrong.
    """
    per_s = given.rate_limit
    if per_s is None and (text := environment.get(RATE_LIMIT)):
        try:
            per_s = amount(text)
        except argparse.ArgumentTypeError as error:
            raise OptionError(f"{RATE_LIMIT}: {error}") from None
    tells = given.retry_after or _tells(environment.get(RETRY_AFTER) or "seconds")
    return RateLimit(_DEFAULT_PER_S if per_s is None else per_s, tells)


def amount(text: str) -> float:
    """Read a number that is not below 0.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number ≥ 0")
    return value


def _tells(text: str) -> Tells:
    known: tuple[Tells, ...] = get_args(Tells)
    for name in known:
        if name == text:
            return name
    raise OptionError(f"{RETRY_AFTER}: {text!r} is not known; there are {', '.join(known)}")
