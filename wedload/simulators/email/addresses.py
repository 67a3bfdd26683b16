"""E-mail addresses as the services check them: by their form alone. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

_BARE: Final = re.compile(r"[^\s@<>,;\"]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NAMED: Final = re.compile(r"\s*(?:\"[^\"]*\"|[^<>\"]*)\s*<([^<>]*)>\s*")


def is_bare(address: Any) -> bool:
    """Whether it is `a@b.example`."""
    return isinstance(address, str) and _BARE.fullmatch(address) is not None


def is_address(address: Any) -> bool:
    """Whether it is `a@b.example`, or `Name <a@b.example>`."""
    if not isinstance(address, str):
        return False
    named = _NAMED.fullmatch(address)
    return is_bare(named[1] if named is not None else address.strip())


def listed(addresses: str) -> list[str]:
    """The addresses of a list with commas; those in quotes do not divide it."""
    parts = re.findall(r'(?:"[^"]*"|[^,"])+', addresses)
    return [part.strip() for part in parts if part.strip()]
