"""Proxies that wedload puts before a TCP service, to make faults happen there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from wedload.plan.fields import STRICT

#: the sandbox that wedload starts, as a proxy's `upstream`
SANDBOX: Final = "sandbox"
#: … and what a third party of the plan begins with there
DEPENDENCY: Final = "dependency:"
_HOST_AND_PORT: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(?P<port>\d{1,9})")
_MOST_PORT: Final = 65_535


def host_and_port(address: str) -> tuple[str, int] | None:
    """Host, without brackets, and port of `127.0.0.1:5432` or `[::1]:5432`; None: it is neither."""
    match = _HOST_AND_PORT.fullmatch(address)
    if match is None or int(match["port"]) > _MOST_PORT or address.startswith(DEPENDENCY):
        return None
    return match["host"].strip("[]"), int(match["port"])


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultProxy:
    """A TCP proxy: what connects to `listen` is connected to `upstream`.

    `upstream` is `host:port`, `sandbox`, or `dependency:NAME`; what is told the address of a
    dependency, or of the sandbox, is told that of the proxy before it.
    """

    __pydantic_config__: ClassVar = STRICT
    upstream: str
    listen: str = "127.0.0.1:0"
    expose: bool = False  # whether that may be where other machines reach it
