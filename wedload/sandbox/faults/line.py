"""Things that happen later, in the order in which they came. Knows not what they are."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from ..slow import SHORTEST_SLEEP_S

if TYPE_CHECKING:
    from collections.abc import Callable


class Line:
    """One waiting line: as on a connection, what comes later never overtakes what came before."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def after(self, wait_s: float, then: Callable[[], None]) -> None:
        """Call `then` when so much time has passed, and all before it were called."""
        due_s = time.perf_counter() + wait_s
        if self._waiting:
            due_s = max(due_s, self._waiting[-1][0])
        self._waiting.append((due_s, then))
        if self._timer is None:
            self._arm()

    def stop(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def _arm(self) -> None:
        left_s = max(self._waiting[0][0] - time.perf_counter(), SHORTEST_SLEEP_S)
        self._timer = asyncio.get_running_loop().call_later(left_s, self._serve)

    def _serve(self) -> None:
        self._timer = None
        # a timer may be early by its rounding: then it is set anew
        while self._waiting and self._waiting[0][0] <= time.perf_counter():
            self._waiting.popleft()[1]()
        if self._waiting and self._timer is None:
            self._arm()
