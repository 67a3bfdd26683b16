"""Proxies that wedload puts before a TCP service, to make faults happen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wedload.plan.fields import STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultProxy:
    """A TCP proxy: what connects to `listen` is connected to `upstream`.

    `upstream` is `host:port`, `sandbox`, or `dependency:NAME`; what is told the address of a
    dependency, or of the sandbox, is told that of the proxy before it.
    """

    __pydantic_config__: ClassVar = STRICT
    upstream: str
    listen: str = "127.0.0.1:0"
