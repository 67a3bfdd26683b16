"""Requests to third parties, each on a connection of its own."""

from __future__ import annotations

import asyncio
import http.client
from urllib.parse import urlsplit


def ask(url: str, path: str = "/v1/charges", key: str | None = None) -> int:
    """The status of a `POST`; 0: no answer came. `key` is that of the operation."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    headers = {} if key is None else {"Idempotency-Key": key}
    try:
        connection.request("POST", path, b"{}", headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
    return response.status


async def asked(url: str, path: str = "/v1/charges", key: str | None = None) -> int:
    """The same, beside what runs on this loop."""
    return await asyncio.to_thread(ask, url, path, key)


async def answers(url: str, status: int, within_s: float = 10.0) -> bool:
    """Whether such an answer comes some time soon; asked again and again."""
    async with asyncio.timeout(within_s):
        while await asked(url) != status:
            await asyncio.sleep(0.01)
    return True
