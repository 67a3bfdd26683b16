"""Which protections are on. Each can be switched off, so that a load test has something to catch.

Pure; an off switch changes what it is named after and nothing else.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from ..errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

WITHOUT: Final = "WEDLOAD_SANDBOX_WITHOUT"


@dataclass(frozen=True, slots=True)
class Protections:
    """True is on; `--without retry-budget` makes `retry_budget` False."""

    retry_budget: bool = True  # retries are a share of what is asked for; off: up to their bound
    time_out: bool = True  # off: waits as long as the third party takes
    breaker: bool = True  # off: asks a third party however often it has failed
    honest_fallback: bool = True  # off: says that all went well when a fallback was used
    jitter: bool = True  # off: waits the whole of each wait, as everybody else does
    idempotency: bool = True  # off: a new key, and a new event's id, for each attempt
    compensation: bool = True  # off: what a failed booking did is left as it is
    retry_after: bool = True  # off: comes back whenever it likes


ALL_ON: Final = Protections()
NAMES: Final = tuple(field.name.replace("_", "-") for field in fields(Protections))


def parse_protection(text: str) -> str:
    """The name of a protection.

    Raises:
        ValueError: there is none of that name; the message says which there are.
    """
    name = text.strip()
    if name in NAMES:
        return name
    close = difflib.get_close_matches(name, NAMES, n=1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    raise ValueError(f"{name!r} is no protection{meant}; there are {', '.join(NAMES)}")


def protections_in(variable: str) -> tuple[str, ...]:
    """Those named in the environment's variable, which separates them with semicolons.

    Raises:
        OptionError: one of them does not exist.
    """
    try:
        return tuple(parse_protection(one) for one in variable.split(";") if one.strip())
    except ValueError as error:
        raise OptionError(f"{WITHOUT}: {error}") from None


def without(names: Iterable[str]) -> Protections:
    """All but these."""
    return Protections(**{name.replace("-", "_"): False for name in names})
