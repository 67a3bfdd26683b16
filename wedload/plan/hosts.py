"""`hosts`: names that are not looked up, as the plan says where they are; and `allow_hosts`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from wedload.plan.expressions.expression import type_name
from wedload.plan.parsing import Parsed, each, table_in, text_in

_WITH_PORT: Final = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[^:]*))(?::(?P<port>[0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Host:
    """Where a name leads to, instead of where a look-up would."""

    name: str  # lower-case
    address: str
    port: int | None = None  # instead of the URL's


def _host(name: Any, value: Any) -> Host:
    text = text_in(value)
    match = _WITH_PORT.fullmatch(text)
    address, port = (match["v6"] or match["v4"], match["port"]) if match else (text, None)
    if port is not None and not 1 <= int(port) <= 65_535:
        raise ValueError(f'"{text}" has no port from 1 to 65535')
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise ValueError(
            f'"{text}" is not an IP address; write "127.0.0.1", "127.0.0.1:8080" or "[::1]:8080"'
        ) from None
    return Host(name.lower(), address, None if port is None else int(port))


def _hosts(value: Any) -> tuple[Host, ...]:
    """Read `{ "shop.example" = "127.0.0.1:8080" }`; raises ValueError."""
    return each(table_in(value, '{ name = "address" }'), _host)


#: each is looked up and asked for its proof before anybody has agreed: no crowd of names may be
MOST_ALLOWED: Final = 50
#: a name as DNS has them, or an address
_NAME: Final = re.compile(r"[^\s/:@\[\]?#*]{1,253}")


def _allowed(_: Any, value: Any) -> str:
    text = text_in(value)
    bare = text.removeprefix("[").removesuffix("]")
    if ":" in bare and "//" not in bare:
        try:
            return str(ipaddress.IPv6Address(bare))
        except ValueError:
            pass
    if _NAME.fullmatch(bare) is None:
        raise ValueError(
            f'"{text}" is not a host; write "auth.staging.test": no scheme, port, path or *'
        )
    return bare.lower()


def _allow_hosts(value: Any) -> tuple[str, ...]:
    """Read `["auth.staging.test"]`; raises ValueError."""
    if not isinstance(value, list | tuple):
        raise ValueError(f'expected a list: ["auth.staging.test"], found {type_name(value)}')  # noqa: TRY004 - pydantic collects ValueErrors
    if len(value) > MOST_ALLOWED:
        raise ValueError(f"names {len(value)} hosts; a target has {MOST_ALLOWED} at most")
    return each(enumerate(value), _allowed)


AllowedHosts = Annotated[
    tuple[str, ...],
    Parsed(_allow_hosts, (("type", "array"), ("items", {"type": "string"}))),
]
HostsField = Annotated[tuple[Host, ...], Parsed(_hosts, (("type", "object"),))]
