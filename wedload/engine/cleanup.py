"""Clean-up: the requests that delete what a run created, last created first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.metrics.cleanup_count import CleanupCount

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.engine.port import HttpClient
    from wedload.protocols.http.response import Response
    from wedload.workload.request import Request

#: connections of all load processes together; gentle to a target that was just under load
AT_ONCE: Final = 16
_TIMEOUT_NS: Final = 10_000_000_000
_MAX_BYTES: Final = 1_000_000
_GONE: Final = frozenset({404, 410})  # somebody was faster: what matters is that it is not there
_CUT_OFF: Final = "clean-up was cut off"


class CleanupList:
    """Requests to be sent at the end, in this load process's memory."""

    def __init__(self) -> None:
        self._entries: list[tuple[Request, Callable[[], tuple[bytes, ...]]]] = []
        self.count = CleanupCount()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, request: Request, headers: Callable[[], tuple[bytes, ...]]) -> None:
        """Remember a request; `headers` gives its identity's header lines when it is sent."""
        self._entries.append((request, headers))
        self.count.created += 1

    async def run(
        self,
        new_client: Callable[[], HttpClient],
        record: Callable[[Response], None],
        at_once: int = AT_ONCE,
    ) -> CleanupCount:
        """Send them all, `at_once` at a time, and count what is gone and what is not."""
        workers = min(at_once, len(self._entries))
        try:
            await asyncio.gather(*(self._work(new_client(), record) for _ in range(workers)))
        finally:
            # cut off in the middle: what was not tried is still there
            if self._entries:
                self._leak(_CUT_OFF, len(self._entries))
        return self.count

    async def _work(self, client: HttpClient, record: Callable[[Response], None]) -> None:
        try:
            while self._entries:
                request, headers = self._entries.pop()
                try:
                    response = await client.exchange(request, headers(), _TIMEOUT_NS, _MAX_BYTES)
                except asyncio.CancelledError:
                    self._leak(_CUT_OFF, 1)
                    raise
                done = 200 <= response.status < 300 or response.status in _GONE
                if response.outcome == "ok" and not done:
                    response.outcome, response.problem = "status", f"status {response.status}"
                record(response)
                if response.outcome == "ok":
                    self.count.deleted += 1
                else:
                    self._leak(response.problem or response.outcome, 1)
        finally:
            client.close()

    def _leak(self, reason: str, number: int) -> None:
        self.count.leaked += number
        self.count.reasons[reason] = self.count.reasons.get(reason, 0) + number
