"""The one HTTP client of all that is sent of a run: bounded in time and size, to pinned addresses.

Nothing is followed: a redirect would lead where nobody has agreed to. What is secret – headers, a
path that is a token – is in no message: an endpoint is called by its scheme, host and port.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp

from wedload.export.port import ExportError, reason
from wedload.protocols.http.retry_after import retry_after_ns
from wedload.protocols.pinned import Pinned
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TIMEOUT_S: Final = 5.0  # of a whole exchange
_MOST_BYTES: Final = 1_000_000  # of an answer
_MOST_WORDS: Final = 200  # of an answer that are quoted


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    rest_s: float = 0.0  # how long nothing is wanted to be sent, as `Retry-After` says

    @property
    def words(self) -> str:
        """The begin of it, for a message."""
        return " ".join(self.body.decode("utf-8", "replace").split())[:_MOST_WORDS]


class Endpoint:
    """A URL that something is sent to, and below it others; connected with the first."""

    def __init__(
        self,
        url: str,
        addresses: Sequence[str],
        headers: Mapping[str, str] | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """`addresses`: where its host is, as we may go there."""
        self._url = url
        self._addresses = addresses
        self._headers = dict(headers or {})
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        self.shown = f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")

    async def ask(
        self,
        method: str,
        below: str = "",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request to the URL with `below` behind its path; whatever the answer says.

        Raises:
            ExportError: there is none.
        """
        try:
            async with self._opened().request(
                method, self._below(below), data=body, headers=headers, allow_redirects=False
            ) as answer:
                rest_ns = retry_after_ns(answer.headers.get("Retry-After", ""), time.time()) or 0
                body = await answer.content.read(_MOST_BYTES)
                return Answer(answer.status, body, rest_ns / NS_PER_S)
        except TimeoutError:
            raise ExportError(
                f"{self.shown} does not answer within {self._timeout_s:g} s"
            ) from None
        except (aiohttp.ClientError, OSError) as error:
            raise ExportError(f"{self.shown} cannot be reached: {reason(error)}") from None

    async def send(
        self,
        method: str,
        below: str = "",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The same; an answer that is not 2xx is an error.

        Raises:
            ExportError: it was not taken; lasting, unless it may be taken later (429, 5xx).
        """
        answer = await self.ask(method, below, body, headers)
        if not 200 <= answer.status < 300:
            words = f": {answer.words}" if answer.words else ""
            lasting = answer.status < 500 and answer.status != 429
            message = f"{self.shown} answers {answer.status}{words}"
            raise ExportError(message, lasting=lasting, rest_s=answer.rest_s)
        return answer

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            host = urlsplit(self._url).hostname or ""
            connector = aiohttp.TCPConnector(resolver=Pinned(host, self._addresses))
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, headers=self._headers
            )
        return self._session

    def _below(self, below: str) -> str:
        if not below:
            return self._url
        parts = urlsplit(self._url)
        path, _, query = below.partition("?")
        both = "&".join(filter(None, (parts.query, query)))
        return parts._replace(path=parts.path.rstrip("/") + path, query=both).geturl()
