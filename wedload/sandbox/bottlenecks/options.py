"""Options of bottlenecks and of spans, as values. Starts nothing.

Each may be in the environment too, from which the sandbox has it that a run starts.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from ..errors import OptionError
from ..slow import SlowDown, parse_slow_down
from ..third_parties.options import parse_url
from .lock import Lock, parse_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

OTLP_ENDPOINT: Final = "WEDLOAD_SANDBOX_OTLP_ENDPOINT"
WITHOUT_INDEX: Final = "WEDLOAD_SANDBOX_WITHOUT_INDEX"
LOCK: Final = "WEDLOAD_SANDBOX_LOCK"
BURN: Final = "WEDLOAD_SANDBOX_BURN"
POOL_SIZE: Final = "WEDLOAD_SANDBOX_POOL_SIZE"
MOST_CONNECTIONS: Final = 90  # PostgreSQL lets in 100 as it comes
_TRACES: Final = "/v1/traces"


@dataclass(frozen=True, slots=True)
class Bottlenecks:
    """What is narrower than it need be; `pool_size` None: as many connections as are good."""

    without_indexes: tuple[str, ...] = ()
    locks: tuple[Lock, ...] = ()
    burns: tuple[SlowDown, ...] = ()
    pool_size: int | None = None


def add_bottlenecks(add: Callable[..., argparse.Action]) -> None:
    """Their options."""
    add(
        "--otlp-endpoint",
        type=_told(parse_endpoint),
        metavar="URL",
        help="where spans of traced requests are sent, on this machine: OTLP over HTTP"
        f" ({OTLP_ENDPOINT})",
    )
    add(
        "--pool-size",
        type=_told(parse_pool_size),
        metavar="N",
        help="connections to PostgreSQL, or threads that read SQLite (default: 10, or 2;"
        f" {POOL_SIZE})",
    )
    for option, parse, metavar, what in (
        ("--without-index", parse_index, "NAME", f"leave out an index ({WITHOUT_INDEX})"),
        (
            *("--lock", parse_lock, "TABLE=D"),
            f"have a job lock a table, so long for every new row ({LOCK})",
        ),
        (
            *("--burn", parse_slow_down, "ENDPOINT=D"),
            f"take so much CPU time for each answer, as --slow names endpoints ({BURN})",
        ),
    ):
        add(
            option,
            type=_told(parse),
            action="append",
            default=[],
            metavar=metavar,
            help=f"{what}; repeatable",
        )


def otlp_endpoint(given: argparse.Namespace, environment: Mapping[str, str]) -> str | None:
    """Where spans are posted to; None: nowhere.

    Raises:
        OptionError: the environment's part is wrong.
    """
    found: str | None = given.otlp_endpoint
    return found or next(iter(_several(environment, OTLP_ENDPOINT, parse_endpoint)), None)


def bottlenecks(given: argparse.Namespace, environment: Mapping[str, str]) -> Bottlenecks:
    """What was given, and what the environment says.

    Raises:
        OptionError: the environment's part is wrong.
    """
    sizes = _several(environment, POOL_SIZE, parse_pool_size)
    return Bottlenecks(
        without_indexes=(
            *_several(environment, WITHOUT_INDEX, parse_index),
            *given.without_index,
        ),
        locks=(*_several(environment, LOCK, parse_lock), *given.lock),
        burns=(*_several(environment, BURN, parse_slow_down), *given.burn),
        pool_size=given.pool_size or next(iter(sizes), None),
    )


def parse_endpoint(text: str) -> str:
    """Where spans are posted to, of the address of a receiver.

    Raises:
        ValueError: it is no address on this machine.
    """
    url = parse_url(text).rstrip("/")
    return url if url.endswith(_TRACES) else url + _TRACES


def parse_pool_size(text: str) -> int:
    """How many connections.

    Raises:
        ValueError: it is no number, or one that does no good.
    """
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST_CONNECTIONS:
        raise ValueError(f"{text!r} is no number of connections; give 1 to {MOST_CONNECTIONS}")
    return int(text)


def parse_index(text: str) -> str:
    """The name of an index; whether there is one the database says.

    Raises:
        ValueError: it is none.
    """
    name = text.strip()
    if not name.isidentifier():
        raise ValueError(f"{text!r} is no name of an index; write 'suppliers_text'")
    return name


def _several(environment: Mapping[str, str], name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
    """Those in the environment's variable, with semicolons between them."""
    try:
        return tuple(parse(one) for one in environment.get(name, "").split(";") if one.strip())
    except ValueError as error:
        raise OptionError(f"{name}: {error}") from None


def _told(parse: Callable[[str], T]) -> Callable[[str], T]:
    def parse_argument(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_argument
