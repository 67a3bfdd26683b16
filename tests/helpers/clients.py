"""The HTTP clients that have to pass the same tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.protocols.aiohttp.pool import AiohttpPool
from wedload.protocols.http.pool import WirePool

if TYPE_CHECKING:
    from collections.abc import Callable

#: name -> makes what the clients of one load process share, from a clock and a TLS context
CLIENTS: Final[dict[str, Callable[..., Any]]] = {"wire": WirePool, "aiohttp": AiohttpPool}
