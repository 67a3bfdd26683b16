"""Reading the counters of an Envoy by its admin interface, within limits of size and time."""

from __future__ import annotations

import asyncio
import http.client
import time
from typing import Final
from urllib.parse import urlsplit

from wedload.bounded import parse_json
from wedload.dependencies.envoy import QUERY, Counts, counts_in

_TIMEOUT_S: Final = 3.0  # of the whole answer
_MOST_BYTES: Final = 8_000_000  # of nine counters of some 10,000 clusters
_PIECE_BYTES: Final = 65_536


class EnvoyError(Exception):
    """Its counters cannot be read; says why, as the end of a sentence."""


class EnvoyAdmin:
    """The admin interface of one Envoy, at an address that load may go to."""

    def __init__(self, url: str, address: str) -> None:
        """`url`: as the plan has it; `address`: of its host, looked up once."""
        parts = urlsplit(url)
        self.url = url
        self._netloc, self._path = parts.netloc, parts.path.rstrip("/")
        self._address, self._port = address, parts.port or http.client.HTTP_PORT

    async def read(self) -> Counts:
        """What it has counted so far.

        Raises:
            EnvoyError: it does not say.
        """
        return await asyncio.to_thread(self._read)

    def _read(self) -> Counts:
        until_s = time.monotonic() + _TIMEOUT_S
        connection = http.client.HTTPConnection(self._address, self._port, timeout=_TIMEOUT_S)
        try:
            connection.request("GET", self._path + QUERY, headers={"Host": self._netloc})
            response = connection.getresponse()
            body = self._body(response, until_s)
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise EnvoyError(f"it did not answer: {why}; is `envoy` right?") from None
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise EnvoyError(f"it answered {response.status}; is that its admin interface?")
        try:
            return counts_in(parse_json(body))
        except ValueError as error:
            raise EnvoyError(f"its answer cannot be read: {error}") from None

    def _body(self, response: http.client.HTTPResponse, until_s: float) -> bytes:
        """A body within the limits.

        Raises:
            EnvoyError: it is larger, or takes longer.
        """
        body = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            body += piece
            if len(body) > _MOST_BYTES:
                raise EnvoyError(f"its answer is larger than {_MOST_BYTES // 1_000_000} MB")
            if time.monotonic() > until_s:
                raise EnvoyError(f"its answer was not there within {_TIMEOUT_S:g} s")
        return bytes(body)
