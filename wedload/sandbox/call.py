"""What a handler is given and what it gives back. Knows aiohttp, but no route and no table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from aiohttp import web

from .errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from .auth import Session, Sessions
    from .database import Start
    from .events import Events
    from .faults.database import FaultyDatabase
    from .faults.endpoints import Control
    from .journeys import Journeys
    from .realtime.service import Realtime
    from .runs import Run, Runs
    from .tally import Tally
    from .third_parties.outbox import Outbox
    from .third_parties.parties import ThirdParties
    from .tracing.export import Tracing
    from .weakness import Weaknesses
    from .webhooks import Webhooks

T = TypeVar("T")


class Platform:
    """The running parts that handlers share; `weaknesses` by what has them, e.g. `webhook`."""

    __slots__ = (
        "database", "events", "faults", "journeys", "outbox", "realtime", "runs", "sessions",
        "tally", "third_parties", "tracing", "weaknesses", "webhooks",
    )  # fmt: skip

    def __init__(
        self,
        *,
        database: FaultyDatabase,
        sessions: Sessions,
        journeys: Journeys,
        webhooks: Webhooks,
        events: Events,
        weaknesses: Mapping[str, Weaknesses],
        realtime: Realtime,
        third_parties: ThirdParties,
        outbox: Outbox,
        faults: Control,
        runs: Runs,
        tally: Tally,
        tracing: Tracing | None = None,
    ) -> None:
        self.database = database
        self.sessions = sessions
        self.journeys = journeys
        self.webhooks = webhooks
        self.events = events
        self.weaknesses = weaknesses
        self.realtime = realtime
        self.third_parties = third_parties
        self.outbox = outbox
        self.faults = faults
        self.runs = runs
        self.tally = tally
        self.tracing = tracing


class Call:
    """One request: its body, its path, who sent it, and the time its transactions took.

    `run` is the test run that it belongs to, if it names one.
    """

    __slots__ = ("_session", "db_s", "platform", "request", "run")

    def __init__(
        self,
        request: web.Request,
        platform: Platform,
        session: Session | None,
        run: Run | None = None,
    ) -> None:
        self.request = request
        self.platform = platform
        self.run = run
        self._session = session
        self.db_s = 0.0

    @property
    def caller(self) -> Session:
        """Who sent it; only on routes that require a token."""
        assert self._session is not None
        return self._session

    @property
    def run_id(self) -> str | None:
        """What the rows that it makes have as their run."""
        return None if self.run is None else self.run.id

    def path(self, name: str) -> str:
        """The decoded part of the path that the route calls `name`."""
        return self.request.match_info[name]

    async def json(self) -> Any:
        """The body, decoded.

        Raises:
            ApiError: 400, it is not JSON.
        """
        body = await self.request.read()
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ApiError(400, "bad_json", f"The body is not valid JSON: {error}.") from None

    async def read(self, start: Start[T]) -> T:
        """Run a transaction that writes nothing, on the clock of `Server-Timing`'s `db`."""
        started = time.perf_counter()
        try:
            return await self.platform.database.read(start)
        finally:
            self.db_s += time.perf_counter() - started

    async def write(self, start: Start[T]) -> T:
        """Run a transaction, on the clock of `Server-Timing`'s `db`."""
        return await self.stored(self.platform.database.write(start))

    async def stored(self, writing: Coroutine[Any, Any, T]) -> T:
        """Await what somebody else writes for this request, on the same clock.

        Raises:
            ApiError: 409, the request's run was swept meanwhile; nothing is written.
        """
        started, run = time.perf_counter(), self.run
        if run is not None:
            try:
                run.begin_writing()
            except ApiError:
                writing.close()
                raise
        try:
            return await writing
        finally:
            self.db_s += time.perf_counter() - started
            if run is not None:
                run.end_writing()


def answer(status: int, payload: object) -> web.Response:
    """A response with a JSON body."""
    return web.Response(status=status, body=orjson.dumps(payload), content_type="application/json")


def instant(unix_ms: int | None) -> str | None:
    """An ISO 8601 instant in UTC, with milliseconds."""
    if unix_ms is None:
        return None
    seconds, ms = divmod(unix_ms, 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{ms:03d}Z"
