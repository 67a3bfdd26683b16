"""Reading the counters of an Envoy by its admin interface, within limits of size and time."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from contextlib import suppress
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
        connection = http.client.HTTPConnection(self._address, self._port, timeout=_TIMEOUT_S)
        late = threading.Event()
        limit = threading.Timer(_TIMEOUT_S, _end, (connection, late))
        limit.daemon = True
        try:
            limit.start()
            connection.request("GET", self._path + QUERY, headers={"Host": self._netloc})
            response = connection.getresponse()
            body = self._body(response)
        except (OSError, http.client.HTTPException) as error:
            if late.is_set():
                raise _not_within() from None
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise EnvoyError(f"it did not answer: {why}; is `envoy` right?") from None
        finally:
            limit.cancel()
            connection.close()
        if late.is_set():
            raise _not_within()
        if response.status != http.client.OK:
            raise EnvoyError(f"it answered {response.status}; is that its admin interface?")
        try:
            return counts_in(parse_json(body))
        except ValueError as error:
            raise EnvoyError(f"its answer cannot be read: {error}") from None

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        """A body within the limit.

        Raises:
            EnvoyError: it is larger.
        """
        body = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            body += piece
            if len(body) > _MOST_BYTES:
                raise EnvoyError(f"its answer is larger than {_MOST_BYTES // 1_000_000} MB")
        return bytes(body)


def _end(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End what takes too long, wherever it is: each byte of a header has a time-out of its own."""
    late.set()
    if (sock := connection.sock) is not None:
        with suppress(OSError):  # it has ended by itself meanwhile
            sock.shutdown(socket.SHUT_RDWR)


def _not_within() -> EnvoyError:
    return EnvoyError(f"its answer was not there within {_TIMEOUT_S:g} s")
