"""Where a webhook may be sent to: this machine and nowhere else. Pure; asks no name server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

LONGEST_URL: Final = 2000
_PRINTABLE: Final = re.compile(r"[!-~]+")
# A name or an address and nothing beside it: where readers of URLs differ about the rest (a zone
# after %, text beside the brackets), some would call another host than the one that was checked.
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_PORTS: Final = {"http": 80, "https": 443}
# A name of the machine itself, by RFC 6761, section 6.3; looking any other up would call outside.
_LOCALHOST: Final = "localhost"
_ITS_ADDRESSES: Final = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart: `addresses` are tried in turn; `authority` is its Host header."""

    addresses: tuple[str, ...]
    port: int
    name: str
    authority: str
    path: str
    tls: bool


def parse_target(url: str) -> Target:
    """What to connect to for this URL.

    Raises:
        ValueError: it is no http(s) URL, or leads elsewhere; the message says which.
    """
    if len(url) > LONGEST_URL or _PRINTABLE.fullmatch(url) is None:
        raise ValueError(f"must be a URL of at most {LONGEST_URL} printable ASCII characters")
    try:
        parts = urlsplit(url)
        port = parts.port
        name = parts.hostname
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in _PORTS or not name or port == 0:
        raise ValueError("must be a URL like http://127.0.0.1:8081/hooks")
    if parts.username is not None or parts.fragment:
        raise ValueError("must have neither a user name nor a fragment")
    addresses = _addresses(name)
    if _AUTHORITY.fullmatch(parts.netloc) is None:
        raise ValueError(
            f"must have an address or localhost, and perhaps a port, not {parts.netloc}"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        addresses=addresses,
        port=port or _PORTS[parts.scheme],
        name=name,
        authority=parts.netloc,
        path=path,
        tls=parts.scheme == "https",
    )


def _addresses(name: str) -> tuple[str, ...]:
    if name == _LOCALHOST:
        return _ITS_ADDRESSES
    try:
        address = ip_address(name)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ValueError(
            f"leads to {name}, but the sandbox never calls outside this machine; "
            "give localhost, an address 127.x.x.x, or [::1]"
        )
    # As it was understood, not as it was written: what connects need not understand anything.
    return (str(address),)
