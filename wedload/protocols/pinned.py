"""A resolver for aiohttp that knows one host, whose addresses were found and allowed before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence


class Pinned(AbstractResolver):
    """Leads the one host to the addresses that were found and allowed, and no other anywhere."""

    def __init__(self, host: str, addresses: Sequence[str]) -> None:
        self._host, self._addresses = host, addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = 0,  # type: ignore[assignment]
    ) -> list[ResolveResult]:
        """See `AbstractResolver`."""
        if host != self._host or not self._addresses:
            raise OSError(f"the address of {host} is not known")
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""
