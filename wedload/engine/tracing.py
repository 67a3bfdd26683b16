"""Which requests of a load process are traced, and what is said of those. On the hot path.

How many requests lie between two traced ones is drawn from the geometric distribution: each request
is traced with the same probability, whatever step it is of, and all that most of them cost is
counting down.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Final

from wedload.safety.redactor import KNOWN
from wedload.traces.server_timing import read_timings
from wedload.traces.timings import TIMED, TIMED_NS
from wedload.units import NS_PER_S
from wedload.workload.trace_ids import (
    MOST_PHASES,
    MOST_SECONDS,
    MOST_SERIES,
    MOST_WORKERS,
    TraceMark,
    run_tag,
    sender_of,
    trace_id,
)

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Call
    from wedload.workload.request import Request

#: more requests than any load process sends
NEVER: Final = 1 << 60
_HEADER: Final = b"\r\ntraceparent:"
#: names of entries that are told apart; others are one
_MOST_NAMES: Final = 50
_OTHER: Final = "other"


class Tracer:
    """Marks the requests that are traced; `left` are to be counted down until the next."""

    __slots__ = (
        "_began_ns", "_log_kept", "_names", "_number", "_random", "_tag", "_timings", "_worker",
        "left",
    )  # fmt: skip

    def __init__(
        self, share: float = 0.0, run_id: str = "", worker: int = 0, seed: int = 0,
        timings: bool = True,
    ) -> None:  # fmt: skip
        """`share` 0: none ever is; `timings`: read `Server-Timing` of those that are.

        Nothing is traced before `begin`.
        """
        self._timings = timings
        self._names: dict[str, str] = {}  # of entries -> without secrets
        self.left = NEVER
        self._tag = run_tag(run_id)
        self._worker = worker
        self._number = 0
        self._began_ns = 0
        #: log of the share of requests that is not traced; 0: all are not, -inf: none is not
        self._log_kept = -math.inf if share >= 1.0 else math.log1p(-share)
        self._random = random.Random(f"{seed}/traces/{worker}")  # noqa: S311 - repeatable on purpose

    def begin(self, now_ns: int) -> None:
        """The load begins: seconds count from here."""
        self._began_ns = now_ns
        self._draw()

    def end(self) -> None:
        """The load is over: what follows is not traced."""
        self.left = NEVER

    def lines(
        self, context: ScenarioContext, call: Call, request: Request, lines: tuple[bytes, ...]
    ) -> tuple[bytes, ...]:
        """The header lines of a request that is about to be sent: the same, unless it is traced."""
        self.left -= 1
        return lines if self.left else self._marked(context, call, request, lines)

    def _draw(self) -> None:
        """How many requests it is to the next one: 1 is the next itself."""
        if self._log_kept == 0.0 or self._worker >= MOST_WORKERS:
            self.left = NEVER
        else:
            # P(gap > n) = (1 - share)^n, inverted; 1 - random() is never 0
            drawn = math.log(1.0 - self._random.random()) / self._log_kept
            self.left = 1 + min(int(drawn), NEVER - 1)

    def _marked(
        self, context: ScenarioContext, call: Call, request: Request, lines: tuple[bytes, ...]
    ) -> tuple[bytes, ...]:
        """The header lines of a request whose turn it is, and the next is drawn.

        Lines that say already what it is part of, as the plan may have them, stay as they are.
        """
        self._draw()
        now_ns = context.shared.clock.now_ns()
        phase = context.phase_at(now_ns)
        second = (now_ns - self._began_ns) // NS_PER_S
        known = call.series < MOST_SERIES and phase < MOST_PHASES and 0 <= second < MOST_SECONDS
        written = b"".join((b"\r\n", request.headers, *lines)).lower()
        if not known or _HEADER in written:
            return lines
        self._number += 1
        made = trace_id(
            self._tag, TraceMark(call.series, phase, second, self._worker, self._number)
        )
        context.shared.recorder.count(call.series, "traced_requests", phase)
        line = f"traceparent: 00-{made.hex()}-{sender_of(made).hex()}-01\r\n"
        return (*lines, line.encode())

    def take(self, context: ScenarioContext, call: Call, response: Response) -> None:
        """Count what a response to a traced request says of itself."""
        if not self._timings:
            return
        recorder, phase = context.shared.recorder, context.phase_at(response.started_ns)
        for name, taken_ns in read_timings(response.raw_headers):
            shown = self._names.get(name)
            if shown is None:
                shown = _OTHER
                if len(self._names) < _MOST_NAMES:
                    shown = self._names[name] = KNOWN(name)  # it is the target's word
            recorder.count(call.series, TIMED, phase, shown)
            recorder.count(call.series, TIMED_NS, phase, shown, taken_ns)
