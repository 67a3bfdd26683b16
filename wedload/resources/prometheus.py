"""A query of Prometheus, as an instant query of its HTTP API.

Of several series the sum is taken, and said so: most queries of a rate are over instances. Whoever
wants another figure of them writes `avg(…)` or `max(…)`. Source:
https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson

from wedload.metrics.levels import Level
from wedload.plan.resource_metrics import VALUE
from wedload.protocols.pinned import Pinned
from wedload.resources.port import Notes, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PATH: Final = "/api/v1/query"
_MOST_BYTES: Final = 1_000_000
_MOST_WORDS: Final = 200
_CONNECT_S: Final = 5.0


class Prometheus:
    """One Prometheus, that all its queries are asked of; opened with the first."""

    def __init__(self, url: str, addresses: Sequence[str]) -> None:
        """`addresses`: where its host is, as load may go there."""
        self._url = url.rstrip("/") + _PATH
        self._addresses = addresses
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, query: str) -> Any:
        """The data of the answer.

        Raises:
            SourceError: there is none; says why.
        """
        if self._session is None:
            host = urlsplit(self._url).hostname or ""
            connector = aiohttp.TCPConnector(resolver=Pinned(host, self._addresses))
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=aiohttp.ClientTimeout(connect=_CONNECT_S)
            )
        try:
            async with self._session.post(
                self._url, data={"query": query}, allow_redirects=False
            ) as answer:
                return data_of(answer.status, await answer.content.read(_MOST_BYTES))
        except (aiohttp.ClientError, OSError) as error:
            reason = getattr(getattr(error, "os_error", error), "strerror", None)
            raise SourceError(
                f"Prometheus cannot be asked: {reason or type(error).__name__}"
            ) from None

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class PrometheusQuery:
    """What a query answers. A `Source`."""

    def __init__(self, prometheus: Prometheus, query: str) -> None:
        self._prometheus, self._query = prometheus, query
        self._notes = Notes()

    async def open(self) -> None:
        """Ask for the first time: what is wrong with the query is known before the load.

        Raises:
            SourceError: see `Source.open`.
        """
        await self.sample()

    async def sample(self) -> Mapping[str, Level]:
        """See `Source.sample`."""
        values = values_of(await self._prometheus.ask(self._query))
        if not values:
            raise SourceError("the query finds no series")
        if len(values) > 1:
            self._notes.add("the query finds several series: the figures are their sum")
        value = math.fsum(values)
        if not math.isfinite(value):
            raise SourceError(f"the query answers {value}")
        return {VALUE: Level(value)}

    async def finish(self) -> Mapping[str, Any]:
        """See `Source.finish`."""
        return self._notes.report

    async def close(self) -> None:
        """All queries have one Prometheus; a second time does nothing."""
        await self._prometheus.close()


def data_of(status: int, body: bytes) -> Any:
    """What an answer holds.

    Raises:
        SourceError: it says why it holds nothing, or is no answer of Prometheus.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict) or "status" not in answer:
        raise SourceError(f"this is no Prometheus: {status}, and no answer of its API")
    if answer["status"] != "success":
        said = str(answer.get("error", status))[:_MOST_WORDS]
        raise SourceError(f"Prometheus refuses the query: {said}")
    return answer.get("data")


def values_of(data: Any) -> list[float]:
    """The values of an instant query: of each series, or the one of a scalar.

    Raises:
        SourceError: it is something else, such as the history of a range.
    """
    kind = data.get("resultType") if isinstance(data, dict) else None
    try:
        if kind == "scalar":
            return [float(data["result"][1])]
        if kind == "vector":
            return [float(one["value"][1]) for one in data["result"]]
    except (LookupError, TypeError, ValueError):
        raise SourceError("the query answers no numbers") from None
    raise SourceError(f"the query answers a {kind}; a number or an instant vector is needed")
