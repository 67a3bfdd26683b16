"""One HTTP request to a third party, and what its answer means for the operation. Never retries.

Knows no provider: which answers are refusals for a while is told to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from ..resilience.call import AttemptError
from ..resilience.retry import asked_wait_s
from ..tracing.scope import scope_now

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_CONNECTIONS = 64
LARGEST_ANSWER_BYTES = 256 * 1024
_TOO_MANY = 429
_LATER = frozenset({408, 425, _TOO_MANY})


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: any status below 500 but those that say "later"; JSON, or None."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Http:
    """The connections to one third party, at `url`: so many at once, the others wait in line.

    `name` is what spans call it.
    """

    def __init__(self, name: str, url: str, headers: Mapping[str, str]) -> None:
        self._name = name
        self._url = url.rstrip("/")
        # Each attempt ends with its operation's deadline; where there is none, when it ends.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "wedload-sandbox", **headers},
        )
        # It would repeat a DELETE by itself whose connection breaks: attempts are counted, and it
        # is not for a connection to make them. There is no public name for that.
        self._session._retry_connection = False  # noqa: SLF001 - as said

    async def close(self) -> None:
        """Let go of every connection."""
        await self._session.close()

    async def request(
        self, what: str, path: str, body: object | None, headers: Mapping[str, str]
    ) -> Reply:
        """Ask once; `what` is the method and a name, `POST freeBusy`.

        Raises:
            AttemptError: no answer, one that is not understood, or one that says "later".
        """
        method = what.partition(" ")[0]
        scope = scope_now()
        if scope is None:
            return await self._request(method, path, body, headers)
        asking, error = scope.ask(what, self._name), None
        try:
            return await self._request(
                method, path, body, {**headers, "traceparent": asking.traceparent}
            )
        except BaseException as caught:
            error = str(caught) or type(caught).__name__
            raise
        finally:
            asking.end(error)

    async def _request(
        self, method: str, path: str, body: object | None, headers: Mapping[str, str]
    ) -> Reply:
        sent = {**headers, **({} if body is None else {"Content-Type": "application/json"})}
        data = None if body is None else orjson.dumps(body)
        try:
            async with self._session.request(
                method, self._url + path, data=data, headers=sent, allow_redirects=False
            ) as response:
                content = await response.content.read(LARGEST_ANSWER_BYTES)
                if not response.content.at_eof():
                    response.close()
                    raise AttemptError("answered more than anybody reads", unknown=True)
                return _reply(response, content)
        except aiohttp.ClientConnectorError as error:
            raise AttemptError(f"cannot be reached: {error.strerror or error}") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            said = f"did not answer properly: {type(error).__name__}"
            raise AttemptError(said, unknown=True) from None


def _reply(response: aiohttp.ClientResponse, content: bytes) -> Reply:
    status = response.status
    if status >= 500 or status in _LATER:
        asked_s = asked_wait_s(response.headers.get("Retry-After"))
        # one that is over its quota did nothing; whatever else failed may have failed at its end
        unknown = status != _TOO_MANY
        raise AttemptError(f"answered {status}", asked_s=asked_s, unknown=unknown)
    try:
        body = orjson.loads(content) if content else None
    except orjson.JSONDecodeError:
        if status < 300:
            raise AttemptError("answered what is no JSON", unknown=True) from None
        body = None
    return Reply(status, response.headers, body)
