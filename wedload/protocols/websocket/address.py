"""Where a WebSocket is: an origin, and the target of the request that upgrades it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wedload.workload.request import Origin, as_http, split_url

_OF_WEBSOCKET: Final = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class WebSocketAddress:
    """What a WebSocket connection is made to."""

    origin: Origin  # http or https: guard, `hosts` and TLS see it as they see requests
    target: str  # path and query, as they stand in the request line

    @property
    def secure(self) -> bool:
        """Whether it is wss, over TLS."""
        return self.origin.scheme == "https"

    @property
    def url(self) -> str:
        """It as a ws:// or wss:// URL."""
        return f"{_OF_WEBSOCKET[self.origin.scheme]}://{self.origin.authority}{self.target}"

    @staticmethod
    def parse(url: str, base_url: str | None = None) -> WebSocketAddress:
        """Read a URL of ws, wss, http or https, or a path under a base URL.

        Raises:
            InvalidUrlError: it is neither, names no host, or holds credentials.
        """
        if url.startswith("/") and base_url is not None:
            url = base_url.rstrip("/") + url
        origin, target = split_url(as_http(url))
        return WebSocketAddress(origin, target.decode())
