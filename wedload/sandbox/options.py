"""The command line and environment, as values. Starts nothing."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from .auth import SigninKeys
from .bottlenecks.options import Bottlenecks, add_bottlenecks, bottlenecks, otlp_endpoint
from .errors import OptionError
from .rate_limit_options import add_rate_limit, amount, rate_limit
from .realtime.quota import Quotas
from .slow import SLOW, SlowDown, parse_slow_down, slow_downs_in
from .third_parties.options import (
    TOKEN,
    ThirdPartyOptions,
    add_third_parties,
    third_party_options,
)
from .weakness import (
    REALTIME_KINDS,
    REALTIME_WEAKNESS,
    WEBHOOK_KINDS,
    WEBHOOK_WEAKNESS,
    Kind,
    Weakness,
    parse_weakness,
    weaknesses_in,
)
from .webhook_schedule import DEFAULT as DEFAULT_RETRIES
from .webhook_schedule import parse_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .rate_limit import RateLimit

SUPPLIER_KEY = "WEDLOAD_SUPPLIER_KEY"
COUPLE_KEY = "WEDLOAD_COUPLE_KEY"
DSN = "WEDLOAD_SANDBOX_DSN"
SUPPLIERS = "WEDLOAD_SANDBOX_SUPPLIERS"


@dataclass(frozen=True, slots=True)
class Options:
    """What the server is started with; `dsn`, which may hold a password, None: a temporary file."""

    host: str
    port: int
    dsn: str | None = field(repr=False)
    suppliers: int
    seed: int
    rate_limit: RateLimit
    token_ttl_s: float
    managed: bool
    slow: tuple[SlowDown, ...]
    webhook_retries_s: tuple[float, ...]
    webhook_timeout_s: float
    webhook_concurrency: int
    webhook_weakness: tuple[Weakness, ...]
    realtime_weakness: tuple[Weakness, ...]
    realtime_quotas: Quotas
    realtime_silence_s: float
    third_parties: ThirdPartyOptions
    otlp_endpoint: str | None
    bottlenecks: Bottlenecks
    token: str | None = field(repr=False)


def parse_options(argv: Sequence[str], environment: Mapping[str, str] = os.environ) -> Options:
    """The options in `argv` and `environment`.

    Raises:
        OptionError: the environment's part is wrong.
        SystemExit: with code 2 for a mistake, 0 after --help.
    """
    parser = argparse.ArgumentParser(
        prog="wedload sandbox",
        description="The embedded wedding-supplier platform, a target for load tests.",
        epilog=f"The keys to sign in with are read from {SUPPLIER_KEY} and {COUPLE_KEY};"
        f" {SLOW}, {WEBHOOK_WEAKNESS} and {REALTIME_WEAKNESS} hold values for --slow,"
        " --webhook-weakness and --realtime-weakness, with semicolons between them;"
        f" {TOKEN} is what arming faults takes."
        " Example: wedload sandbox --port 8080. Exit codes: 0 stopped, 2 arguments or environment"
        " wrong, 4 it cannot start.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=0, help="0, the default, takes any free port")
    add("--dsn", help=f"sqlite:///path or postgresql://…; default: a temporary file ({DSN})")
    add("--suppliers", type=_count, help=f"generated suppliers (default: 5000; {SUPPLIERS})")
    add("--seed", type=int, default=1, help="what they are generated from (default: %(default)s)")
    add_rate_limit(add)
    add(
        "--token-ttl",
        type=amount,
        default=3600.0,
        metavar="SECONDS",
        help="how long a token is valid (default: 3600)",
    )
    add(
        "--managed",
        action="store_true",
        help="started by a program: ignore SIGINT, and stop when stdin ends",
    )
    add(
        "--slow",
        type=_slow_down,
        action="append",
        default=[],
        metavar="ENDPOINT=D",
        help="answer an endpoint so much later, e.g. 'POST /api/forms/*/submit=50ms'; repeatable",
    )
    _add_webhooks(add)
    _add_realtime(add)
    add_third_parties(add)
    add_bottlenecks(add)
    given = parser.parse_args(argv)
    webhook = environment.get(WEBHOOK_WEAKNESS, "")
    realtime = environment.get(REALTIME_WEAKNESS, "")
    return Options(
        host=given.host,
        port=given.port,
        dsn=environment.get(DSN) or None if given.dsn is None else given.dsn,
        suppliers=_suppliers(given, environment),
        seed=given.seed,
        rate_limit=rate_limit(given, environment),
        token_ttl_s=given.token_ttl,
        managed=given.managed,
        slow=(*slow_downs_in(environment.get(SLOW, "")), *given.slow),
        webhook_retries_s=given.webhook_retries,
        webhook_timeout_s=given.webhook_timeout,
        webhook_concurrency=given.webhook_concurrency,
        webhook_weakness=(
            *weaknesses_in(WEBHOOK_WEAKNESS, webhook, WEBHOOK_KINDS),
            *given.webhook_weakness,
        ),
        realtime_weakness=(
            *weaknesses_in(REALTIME_WEAKNESS, realtime, REALTIME_KINDS),
            *given.realtime_weakness,
        ),
        realtime_quotas=Quotas(
            connections=given.realtime_connections,
            joins_per_s=given.realtime_joins,
            messages_per_s=given.realtime_messages,
        ),
        realtime_silence_s=given.realtime_silence,
        third_parties=third_party_options(given, environment),
        otlp_endpoint=otlp_endpoint(given, environment),
        bottlenecks=bottlenecks(given, environment),
        token=environment.get(TOKEN) or None,
    )


def _add_webhooks(add: Callable[..., argparse.Action]) -> None:
    """Options of webhooks."""
    add(
        "--webhook-retries",
        type=_schedule,
        default=DEFAULT_RETRIES,
        metavar="WAITS",
        help="longest wait before each retry of a webhook, or none (default: %(default)s)",
    )
    add(
        "--webhook-timeout",
        type=_timeout,
        default=15.0,
        metavar="SECONDS",
        help="how long the receiver of a webhook may take to answer (default: 15)",
    )
    add(
        "--webhook-concurrency",
        type=_concurrency,
        default=8,
        metavar="N",
        help="webhooks sent to one endpoint at once; 1 keeps their order (default: %(default)s)",
    )
    add(
        "--webhook-weakness",
        type=_weakness(WEBHOOK_KINDS),
        action="append",
        default=[],
        metavar="KIND=1/N",
        help=f"every N-th webhook suffers one of {', '.join(WEBHOOK_KINDS)}, e.g. 'lose=1/1428' or"
        " 'delay=1/769:2s'; repeatable",
    )


def _add_realtime(add: Callable[..., argparse.Action]) -> None:
    """Options of realtime."""
    add(
        "--realtime-weakness",
        type=_weakness(REALTIME_KINDS),
        action="append",
        default=[],
        metavar="KIND=1/N",
        help=f"the same for realtime messages: {', '.join(REALTIME_KINDS)}; repeatable",
    )
    for name, what in (
        ("connections", "connections that are joined to a channel"),
        ("joins", "joins a second"),
        ("messages", "realtime messages a second, each copy counted"),
    ):
        add(
            f"--realtime-{name}",
            type=_quota,
            default=0,
            metavar="N",
            help=f"most {what}; 0, the default: no limit",
        )
    add(
        "--realtime-silence",
        type=amount,
        default=60.0,
        metavar="SECONDS",
        help="a channels' connection that says nothing for so long is closed (default: 60)",
    )


def signin_keys(environment: Mapping[str, str] = os.environ) -> tuple[SigninKeys, list[str]]:
    """The sign-in keys, and `export` lines for those that had to be made up."""
    exports = []
    keys = []
    for name in (SUPPLIER_KEY, COUPLE_KEY):
        key = environment.get(name)
        if not key:
            key = token_urlsafe(24)
            exports.append(f"export {name}={key}")
        keys.append(key)
    return SigninKeys(supplier=keys[0], couple=keys[1]), exports


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give 0 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of suppliers; give 0 to 1000000")
    return int(text)


def _suppliers(given: argparse.Namespace, environment: Mapping[str, str]) -> int:
    if given.suppliers is not None:
        return int(given.suppliers)
    try:
        return _count(environment.get(SUPPLIERS) or "5000")
    except argparse.ArgumentTypeError as error:
        raise OptionError(f"{SUPPLIERS}: {error}") from None


def _quota(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 1_000_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no limit; give 0 to 1000000000")
    return int(text)


def _slow_down(text: str) -> SlowDown:
    try:
        return parse_slow_down(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _schedule(text: str) -> tuple[float, ...]:
    try:
        return parse_schedule(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _timeout(text: str) -> float:
    seconds = amount(text)
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is no time-out; give up to 600 seconds")
    return seconds


def _concurrency(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of webhooks; give 1 to 256")
    return int(text)


def _weakness(kinds: tuple[Kind, ...]) -> Callable[[str], Weakness]:
    def parse(text: str) -> Weakness:
        try:
            return parse_weakness(text, kinds)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse
