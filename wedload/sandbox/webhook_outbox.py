"""What waits to be sent to one endpoint, and the few workers that send it. Knows no database.

Messages are sent in the order of their sequence, up to so many at once; what failed comes back
later, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .slow import SHORTEST_SLEEP_S
from .webhook_connection import Connection, Reply
from .webhook_delivery import Delivery, Done, Endpoint, Signer
from .webhook_schedule import Outcome, Schedule, outcome, retry_after_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from .faults.timeline import Faults

log = logging.getLogger(__name__)

# A message that is to be swapped waits so long for the next one, then goes alone.
SWAP_WAIT_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sending:
    """How it is sent: deliveries at once for each endpoint (≥ 1), and seconds for each attempt.

    While `faults` have webhooks down, none is.
    """

    schedule: Schedule
    most_at_once: int
    timeout_s: float
    faults: Faults | None = None


class Outbox:
    """One endpoint's queue."""

    def __init__(
        self,
        endpoint: Endpoint,
        last_sequence: int,
        sending: Sending,
        done: Done,
        changed: Callable[[Delivery], None],
        gone: Callable[[Outbox], None],
    ) -> None:
        """`changed` is told of every delivery whose row is to be written; `gone` of a 410."""
        self.endpoint = endpoint
        self.enabled = True
        self._sequence = last_sequence
        self._sending = sending
        self._done = done
        self._changed = changed
        self._gone = gone
        self._signer = Signer(endpoint)
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Delivery] = deque()
        self._later: dict[Delivery, asyncio.TimerHandle] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._paused_until_s = 0.0
        self._stopped = False

    @property
    def last_sequence(self) -> int:
        """The number of the message that was queued last; 0: none was."""
        return self._sequence

    def next_sequence(self) -> int:
        """The number of the message that is queued now."""
        self._sequence += 1
        return self._sequence

    def put(self, delivery: Delivery) -> None:
        """Send it after everything that waits; what was put into a closed one is disabled."""
        if not self.enabled:
            self._disable(delivery)
            return
        self._queue.append(delivery)
        self._wake_one()

    def put_later(
        self, delivery: Delivery, wait_s: float, then: Callable[[Delivery], None]
    ) -> None:
        """Call `then` with it after a while, unless the endpoint is closed before."""
        if not self.enabled:
            self._disable(delivery)
            return
        delivery.due_ms = time.time_ns() // 1_000_000 + round(wait_s * 1000)
        self._arm(time.perf_counter() + wait_s, wait_s, delivery, then)

    def take_back(self, delivery: Delivery) -> bool:
        """Whether it still was to be put later; now it is not."""
        timer = self._later.pop(delivery, None)
        if timer is None:
            return False
        timer.cancel()
        delivery.due_ms = None
        return True

    def again(self, delivery: Delivery) -> None:
        """Send what failed before, ahead of everything that waits."""
        self._queue.appendleft(delivery)
        self._wake_one()

    def close(self) -> None:
        """Send nothing any more: what waits is disabled, what is being sent ends as it will."""
        self.enabled = False
        for timer in self._later.values():
            timer.cancel()
        for delivery in (*self._queue, *self._later):
            self._disable(delivery)
        self._queue.clear()
        self._later.clear()
        for idle in self._idle:  # their workers end
            if not idle.done():
                idle.set_result(None)

    async def stop(self) -> None:
        """End every worker, with what it is sending; what waits stays pending in the database."""
        self._stopped = True
        for timer in self._later.values():
            timer.cancel()
        workers = tuple(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _arm(
        self, due_s: float, left_s: float, delivery: Delivery, then: Callable[[Delivery], None]
    ) -> None:
        self._later[delivery] = self._loop.call_later(left_s, self._due, due_s, delivery, then)

    def _due(self, due_s: float, delivery: Delivery, then: Callable[[Delivery], None]) -> None:
        if (left_s := due_s - time.perf_counter()) > 0:  # a timer may be early by its rounding
            self._arm(due_s, max(left_s, SHORTEST_SLEEP_S), delivery, then)
            return
        del self._later[delivery]
        delivery.due_ms = None
        then(delivery)

    def _disable(self, delivery: Delivery) -> None:
        delivery.state = "disabled"
        self._done.disabled += 1
        self._changed(delivery)

    # --- workers ---

    def _wake_one(self) -> None:
        # The last that became idle first: its connection is the least likely to be closed.
        while self._idle:
            idle = self._idle.pop()
            if not idle.done():
                idle.set_result(None)
                return
        if not self._stopped and len(self._workers) < self._sending.most_at_once:
            worker = self._loop.create_task(
                self._work(),
                name=f"webhooks to {self.endpoint.id}",
                context=contextvars.Context(),  # it is no part of the request that wakes it
            )
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (error := worker.exception()):
            log.error("a worker failed: %s", worker.get_name(), exc_info=error)

    async def _work(self) -> None:
        """A worker's life: it ends with the endpoint's."""
        connection: Connection | None = None
        try:
            while await self._something_to_send():
                # Connected before it is taken: what comes after it is not to be sent before it.
                connection, problem = await self._connected(connection)
                if not self._queue:  # another worker was faster
                    continue
                delivery = self._queue.popleft()
                reply = await self._attempt(connection, delivery, problem)
                self._settle(delivery, reply)
                if delivery.weakness == "duplicate" and delivery.state == "delivered":
                    connection, problem = await self._connected(connection)
                    again = await self._attempt(connection, delivery, problem)
                    self._done.duplicate += again is not None
                    self._changed(delivery)
        finally:
            if connection is not None:
                connection.close()

    async def _something_to_send(self) -> bool:
        """Return once there is something, and it may be sent; False when the endpoint is closed."""
        while self.enabled:
            if not self._queue:
                idle = self._loop.create_future()
                self._idle.append(idle)
                await idle
            elif (pause_s := self._paused_until_s - self._loop.time()) > 0:
                await asyncio.sleep(pause_s)
            elif (faults := self._sending.faults) is not None and faults.is_down("webhooks"):
                await faults.until_up("webhooks")
            else:
                return True
        return False

    async def _connected(self, connection: Connection | None) -> tuple[Connection | None, str]:
        """The same connection if it still is one, a new one if not, or what is wrong."""
        if connection is not None and connection.is_open:
            return connection, ""
        try:
            async with asyncio.timeout(self._sending.timeout_s):
                return await Connection.open(self.endpoint.target), ""
        except TimeoutError:
            return None, "time-out"
        except OSError as error:
            return None, error.strerror or type(error).__name__

    async def _attempt(
        self, connection: Connection | None, delivery: Delivery, problem: str
    ) -> Reply | None:
        """Send it once; what the receiver answered, if it did."""
        scope = delivery.message.scope
        asking = None if scope is None else scope.ask("POST webhook", "webhook receiver")
        self._done.attempts += 1
        if delivery.attempts == 0 and delivery.weakness == "missign":
            self._done.missign += 1
        delivery.attempts += 1
        reply = None
        if connection is not None:
            try:
                async with asyncio.timeout(self._sending.timeout_s):
                    reply = await connection.post(self._signer.request(delivery))
            except TimeoutError:
                connection.close()
                problem = "time-out"
            except ConnectionError as error:
                problem = str(error)
        delivery.answer = problem if reply is None else str(reply.status)
        if asking is not None:
            accepted = outcome(None if reply is None else reply.status) is Outcome.DELIVERED
            asking.end(None if accepted else delivery.answer)
        return reply

    def _settle(self, delivery: Delivery, reply: Reply | None) -> None:
        """What the answer makes of it."""
        what = outcome(None if reply is None else reply.status)
        if what is Outcome.DELIVERED:
            delivery.state = "delivered"
            self._done.delivered += 1
            self._changed(delivery)
            return
        if what is Outcome.GONE:
            self._disable(delivery)
            self._gone(self)
            return
        asked_s = None if reply is None else retry_after_s(reply.retry_after, time.time())
        wait_s = self._sending.schedule.wait_s(delivery.sequence or 0, delivery.attempts, asked_s)
        if what is Outcome.SLOW_DOWN or asked_s is not None:
            pause_s = wait_s if wait_s is not None else asked_s or 0.0
            self._paused_until_s = max(self._paused_until_s, self._loop.time() + pause_s)
        if wait_s is None:
            delivery.state = "failed"
            self._done.failed += 1
            self._changed(delivery)
        elif not self.enabled:
            self._disable(delivery)
        else:
            self._done.retries += 1
            self.put_later(delivery, wait_s, self.again)
            self._changed(delivery)
