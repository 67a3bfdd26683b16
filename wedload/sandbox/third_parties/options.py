"""Options of third parties, faults and protections, as values. Starts nothing."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Final, TypeVar, get_args

from ..errors import OptionError
from ..resilience.protections import (
    ALL_ON,
    NAMES,
    WITHOUT,
    Protections,
    parse_protection,
    protections_in,
    without,
)
from ..webhook_target import parse_target
from .email import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

CALENDAR_URL: Final = "WEDLOAD_SANDBOX_CALENDAR_URL"
EMAIL_URL: Final = "WEDLOAD_SANDBOX_EMAIL_URL"
EMAIL_PROVIDER: Final = "WEDLOAD_SANDBOX_EMAIL_PROVIDER"
DEADLINE: Final = "WEDLOAD_SANDBOX_THIRD_PARTY_DEADLINE"
CALENDAR_KEY: Final = "WEDLOAD_CALENDAR_KEY"
EMAIL_KEY: Final = "WEDLOAD_EMAIL_KEY"
TOKEN: Final = "WEDLOAD_SANDBOX_TOKEN"  # noqa: S105 - a name, no secret
DEFAULT_DEADLINE: Final = "400ms"
LONGEST_DEADLINE_S: Final = 600.0
_DURATION: Final = re.compile(r"\s*(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s)\s*")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0}


@dataclass(frozen=True, slots=True)
class ThirdPartyOptions:
    """Where third parties are (None: nowhere), and how they are asked."""

    calendar_url: str | None = None
    email_url: str | None = None
    email_provider: Provider = "resend"
    deadline_s: float = 0.4
    protections: Protections = ALL_ON
    calendar_key: str = field(default="", repr=False)
    email_key: str = field(default="", repr=False)


def add_third_parties(add: Callable[..., argparse.Action]) -> None:
    """Their options; each may be in the environment instead."""
    for what, variable in (("calendar", CALENDAR_URL), ("email", EMAIL_URL)):
        add(
            f"--{what}-url",
            type=_told(parse_url),
            metavar="URL",
            help=f"where the {what} provider is, on this machine ({variable})",
        )
    add(
        "--email-provider",
        choices=get_args(Provider),
        help=f"whose API it has (default: resend; {EMAIL_PROVIDER})",
    )
    add(
        "--third-party-deadline",
        type=_told(parse_deadline),
        metavar="DURATION",
        help="for all attempts of what a third party is asked together"
        f" (default: {DEFAULT_DEADLINE}; {DEADLINE})",
    )
    add(
        "--without",
        type=_told(parse_protection),
        action="append",
        default=[],
        metavar="PROTECTION",
        help=f"switch off one of {', '.join(NAMES)}; repeatable ({WITHOUT}, with semicolons)",
    )


def third_party_options(
    given: argparse.Namespace, environment: Mapping[str, str]
) -> ThirdPartyOptions:
    """What was given, else what the environment says; keys that are nowhere are made up.

    Raises:
        OptionError: the environment's part is wrong.
    """
    deadline = _read(environment, DEADLINE, parse_deadline)
    names = (*protections_in(environment.get(WITHOUT, "")), *given.without)
    return ThirdPartyOptions(
        calendar_url=given.calendar_url or _read(environment, CALENDAR_URL, parse_url),
        email_url=given.email_url or _read(environment, EMAIL_URL, parse_url),
        email_provider=given.email_provider
        or _read(environment, EMAIL_PROVIDER, _provider)
        or "resend",
        deadline_s=given.third_party_deadline or deadline or parse_deadline(DEFAULT_DEADLINE),
        protections=without(names),
        calendar_key=environment.get(CALENDAR_KEY) or token_urlsafe(24),
        email_key=environment.get(EMAIL_KEY) or token_urlsafe(24),
    )


def parse_url(text: str) -> str:
    """The address of a third party on this machine.

    Raises:
        ValueError: it is none, or leads elsewhere; the message says which.
    """
    try:
        target = parse_target(text)
    except ValueError as error:
        raise ValueError(f"{text!r} {error}") from None
    if "?" in target.path:
        raise ValueError(f"{text!r} must have no query; give e.g. http://127.0.0.1:9100")
    return text


def parse_deadline(text: str) -> float:
    """Seconds of `400ms` or `2s`.

    Raises:
        ValueError: it is no duration, or too long.
    """
    found = _DURATION.fullmatch(text)
    seconds = 0.0 if found is None else float(found["number"]) * _UNIT_S[found["unit"]]
    if not 0 < seconds <= LONGEST_DEADLINE_S:
        raise ValueError(
            f"{text!r} is no duration; write 400ms or 2s, up to {LONGEST_DEADLINE_S:g}s"
        )
    return seconds


def _provider(text: str) -> Provider:
    for name in get_args(Provider):
        if text == name:
            found: Provider = name
            return found
    raise ValueError(f"{text!r} is no provider; there are {', '.join(get_args(Provider))}")


def _read(environment: Mapping[str, str], name: str, parse: Callable[[str], T]) -> T | None:
    text = environment.get(name)
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise OptionError(f"{name}: {error}") from None


def _told(parse: Callable[[str], T]) -> Callable[[str], T]:
    def parse_argument(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_argument
