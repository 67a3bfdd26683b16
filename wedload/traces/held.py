"""Traces that are held until they are quiet: no span of theirs came for some time. Pure.

Services send their spans in batches, each when it likes, and the span of a request when the request
is over: that of a slow one long after those of what it asked. So what is quiet is reduced to totals
once its root is there, and else held for long. It is then forgotten, but for its id: a span that
comes later is late, and counted as that.

A trace without its root tells too little: it counts only in a run in which no trace has one, as
what is in front of the services tells of its spans somebody else.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.traces.totals import Totals
from wedload.traces.tree import grow
from wedload.units import NS_PER_S
from wedload.workload.trace_ids import read_trace_id, sender_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.traces.span import Received, Span

#: exporters send every five seconds, if nobody tells them otherwise
QUIET_NS: Final = 8 * NS_PER_S
#: what never is quiet, or has no root, is reduced after so long
LONGEST_NS: Final = 60 * NS_PER_S
MOST_SPANS_A_TRACE: Final = 5_000
#: ids of traces that were counted, so that late spans are known
_MOST_REMEMBERED: Final = 100_000


@dataclass(slots=True)
class Account:
    """What came, and what became of it."""

    traces: int = 0  # with a whole tree
    spans: int = 0  # that belong to them
    foreign: int = 0
    refused: int = 0
    late: int = 0
    repeated: int = 0
    malformed: int = 0
    orphans: int = 0
    broken: int = 0
    rootless: int = 0  # traces whose root did not come, where others have theirs


class _Trace:
    __slots__ = ("first_ns", "is_rooted", "last_ns", "spans")

    def __init__(self, now_ns: int) -> None:
        self.first_ns = self.last_ns = now_ns
        self.is_rooted = False  # whether a request of wedload's is the parent of a span
        self.spans: dict[bytes, Span] = {}


class HeldTraces:
    """The traces of one run that are not reduced yet, at most `most` spans together."""

    def __init__(self, tag: bytes, most: int) -> None:
        """`tag`: what the ids of the run's traces begin with (wedload.workload.trace_ids)."""
        self._tag = tag
        self._most = most
        self._held = 0  # spans
        self._traces: OrderedDict[bytes, _Trace] = OrderedDict()  # the quietest first
        self._counted: OrderedDict[bytes, None] = OrderedDict()
        self._rooted = 0  # of those that are held
        self.account = Account()
        self.totals = Totals()
        #: the same of traces without a root, until it is known whether any has one
        self._rootless = Account(), Totals()

    @property
    def full(self) -> bool:
        """Whether not one more span has room."""
        return self._held >= self._most

    @property
    def held(self) -> int:
        """Spans that are held."""
        return self._held

    def add(self, received: Iterable[Received], now_ns: int) -> int:
        """Take in spans; how many had no room."""
        refused = 0
        for trace_id, span in received:
            if read_trace_id(self._tag, trace_id) is None:
                self.account.foreign += 1
            elif trace_id in self._counted:
                self.account.late += 1
            else:
                refused += not self._hold(trace_id, span, now_ns)
        self.account.refused += refused
        return refused

    def _hold(self, trace_id: bytes, span: Span, now_ns: int) -> bool:
        trace = self._traces.get(trace_id)
        if trace is not None and span.span_id in trace.spans:
            self.account.repeated += 1  # an exporter that was not answered sends again
            return True
        if self.full or (trace is not None and len(trace.spans) >= MOST_SPANS_A_TRACE):
            return False
        if trace is None:
            trace = self._traces[trace_id] = _Trace(now_ns)
        trace.spans[span.span_id] = span
        trace.last_ns = now_ns
        if not trace.is_rooted and span.parent_id == sender_of(trace_id):
            trace.is_rooted = True
            self._rooted += 1
        self._traces.move_to_end(trace_id)
        self._held += 1
        return True

    def sweep(self, now_ns: int) -> None:
        """Reduce what is quiet by now, or has been going on for too long.

        Without its root a trace is not quiet, unless half of all room is taken.
        """
        for trace_id, trace in list(self._traces.items()):
            quiet = now_ns - trace.last_ns >= QUIET_NS
            done = quiet and (trace.is_rooted or 2 * self._held > self._most)
            if done or now_ns - trace.first_ns >= LONGEST_NS:
                self._reduce(trace_id)

    def finish(self) -> None:
        """Reduce all that is left, and decide what those without a root are."""
        for trace_id in list(self._traces):
            self._reduce(trace_id)
        account, totals = self._rootless
        self._rootless = Account(), Totals()
        if self.account.traces:
            self.account.rootless += account.traces
            return
        self.totals = totals
        self.account.traces += account.traces
        self.account.spans += account.spans
        self.account.orphans += account.orphans

    @property
    def rooted(self) -> int:
        """Traces that are counted or held whose first request's span is there."""
        return self.account.traces + self._rooted

    def _reduce(self, trace_id: bytes) -> None:
        trace = self._traces.pop(trace_id)
        self._held -= len(trace.spans)
        self._rooted -= trace.is_rooted
        self._counted[trace_id] = None
        if len(self._counted) > _MOST_REMEMBERED:
            self._counted.popitem(last=False)
        mark = read_trace_id(self._tag, trace_id)
        assert mark is not None  # else it was not held
        grown = grow(trace.spans.values(), sender_of(trace_id))
        if not grown.roots or grown.cycles:
            self.account.broken += 1
            return
        whole = self.account, self.totals
        account, totals = whole if trace.is_rooted else self._rootless
        account.traces += 1
        account.spans += len(trace.spans)
        account.orphans += grown.orphans
        totals.add(mark, grown.roots)
