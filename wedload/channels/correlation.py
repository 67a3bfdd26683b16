"""Correlation: which message answers which trigger, and what becomes of the others. Pure.

It is told of triggers (`expect`), of messages (`heard`) and of time (`sweep`), in any order: most
messages are there before a load process has told what they belong to. A message answers the oldest
expectation of its key that is in time and that its subscriber has not heard. What nobody expects is
kept for a while; then it is a duplicate, if its key was ever expected, or unexpected.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from wedload.channels.expectation import HEARD, OPEN, Answer, Open
from wedload.channels.membership import Membership
from wedload.channels.ordering import Ordering
from wedload.channels.unclaimed import Entry, Unclaimed
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.expectation import Expected, Fate
    from wedload.channels.message import Message
    from wedload.channels.port import Place
    from wedload.metrics.recorder import Recorder

#: how long a message may wait for the one who expects it: a key that is captured after some think
#: time is told late
PATIENCE_NS: Final = 60 * NS_PER_S
#: how long behind its deadline a message is waited for at the end of a run, to be late, not lost
LINGER_NS: Final = 10 * NS_PER_S
#: how long behind a deadline it is judged: what was stamped before it may still be on its way here
SLACK_NS: Final = NS_PER_S // 4
#: messages that nobody expects yet, at most: 26 MB …
_MOST_UNCLAIMED: Final = 2_000_000
#: … and their contents, where somebody may read them
_MOST_BYTES: Final = 64_000_000
_OF_A_MESSAGE: Final = 500  # bytes, beside its body
_LOOKED_AT: Final = 64  # of the oldest keys, when one is to be forgotten
_NO_PHASE: Final = 0
_DURATION: Final = {"webhook": "webhook_delivery_duration", "realtime": "realtime_propagation"}


class Correlator:
    """The triggers and messages of one channel."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        kind: Literal["webhook", "realtime"],
        series: int,
        answer: Callable[[Answer], None],
        subscribers: int = 1,
        any_of_them: bool = False,
        remember: int = 100_000,
        keeps_messages: bool = False,
    ) -> None:
        """`series`: of the channel itself; `answer` is told what those who wait wait for.

        `any_of_them`: a message to one subscriber will do; `remember`: keys; `keeps_messages`:
        whether somebody will read messages that are there early.
        """
        self.membership = Membership(subscribers)
        self.ordering = Ordering(subscribers)
        self.forgotten = 0  # keys
        self.overflowed = 0  # messages given up early, as there were too many that nobody expected
        self.open = 0  # expectations that are not judged
        self._recorder = recorder
        self._kind = kind
        self._series = series
        self._answer = answer
        self._any = any_of_them
        self._remember = remember
        self._keeps_messages = keeps_messages
        self._subscribers = subscribers
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._deadlines: list[tuple[int, int, Open]] = []  # a heap
        self._number = 0  # of expectations so far
        self._unclaimed = 0  # messages …
        self._unclaimed_bytes = 0  # … and their contents
        #: (when the first of its messages came, key) of keys with messages that nobody expects
        self._waiting: deque[tuple[int, str]] = deque()
        self._missed: deque[Open] = deque()  # of late, by deadline: they may be late or lost
        if kind == "webhook":
            self.membership.join(0, 0)

    # --- triggers -----------------------------------------------------------------------------

    def expect(self, expected: Expected) -> None:
        """A message with this key is to come, or is there already."""
        members = self.membership.at(expected.since_ns)
        if 1 not in members:
            self._count(expected, "unheard", "", 1)
            self._tell(expected, "nobody", expected.since_ns, None)
            return
        trend = self._recorder.trend(_DURATION[self._kind], expected.series, expected.phase)
        one = Open(expected, members, trend)
        entry = self._entry(expected.key)
        entry.open.append(one)
        entry.was_expected = True
        self.open += 1
        self._number += 1
        heappush(self._deadlines, (expected.deadline_ns, self._number, one))
        if entry.unclaimed:
            self._let_go(entry.claim(lambda early: self._takes(entry, one, early)))

    def _takes(self, entry: Entry, one: Open, early: Unclaimed) -> bool:
        """Whether a message that was there before is what this expects, or none that counts."""
        state = one.heard[early.subscriber]
        if state == HEARD or early.at_ns < one.expected.since_ns:
            return False
        if state == OPEN:
            self._found(entry, one, early)
            return True
        return entry.ignores(early.subscriber, early.at_ns)

    # --- messages -----------------------------------------------------------------------------

    def heard(
        self, key: str, at_ns: int, subscriber: int, place: Place | None, message: Message
    ) -> None:
        """A message is there. O(1), but for keys that are expected many times at once."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entry(key)
        overtaken = place is not None and self._overtaken(entry, place, subscriber)
        one = entry.answered(subscriber, at_ns, LINGER_NS) if entry.open else None
        if one is not None:
            self._found(entry, one, Unclaimed(subscriber, at_ns, overtaken, message))
            return
        if entry.open and entry.ignores(subscriber, at_ns):
            return
        if not entry.unclaimed:
            self._waiting.append((at_ns, key))
        kept = message if self._keeps_messages else None
        entry.keep(Unclaimed(subscriber, at_ns, overtaken, kept))
        self._unclaimed += 1
        self._unclaimed_bytes += self._bytes_of(kept)
        while self._unclaimed > _MOST_UNCLAIMED or self._unclaimed_bytes > _MOST_BYTES:
            self._overflow()

    def arrived(self, key: str, at_ns: int) -> None:
        """A webhook is there for the first time, and is not accepted."""
        entry = self._entry(key)
        if entry.arrived is None:
            entry.arrived = deque()
        entry.arrived.append(at_ns)

    def count(self, what: str, by: int = 1, outcome: str = "") -> None:
        """Add to a counter of the channel."""
        if by:
            self._recorder.count(self._series, f"{self._kind}_{what}", _NO_PHASE, outcome, by)

    # --- time ---------------------------------------------------------------------------------

    def sweep(self, now_ns: int) -> None:
        """What should be there by now and is not, is missed; what nobody expects is given up."""
        self._expire(now_ns - SLACK_NS)
        while self._waiting and self._waiting[0][0] < now_ns - PATIENCE_NS:
            _, key = self._waiting.popleft()
            self._give_up(key, now_ns - PATIENCE_NS)

    def finish(self, now_ns: int) -> None:
        """Nothing more comes: what is not decided by now is counted so."""
        self._expire(now_ns)
        for _, _, one in self._deadlines:
            if not one.judged:
                size = 1 if self._any else one.size
                one.judged = True
                self.open -= 1
                self._count(one.expected, "expected", "ok", one.ok)
                self._count(one.expected, "undecided", "", size - one.ok)
                self._tell(one.expected, "undecided", now_ns, None)
        self._deadlines.clear()
        while self._waiting:
            self._give_up(self._waiting.popleft()[1], None)

    def absent(self, now_ns: int) -> int:
        """How many missed messages may still come, and be late instead of lost."""
        while self._missed and self._missed[0].expected.deadline_ns < now_ns - LINGER_NS:
            self._missed.popleft()
        return sum(one.left for one in self._missed if not (self._any and one.left < one.size))

    # --- inside -------------------------------------------------------------------------------

    def _expire(self, until_ns: int) -> None:
        """Judge what had its deadline before then."""
        while self._deadlines and self._deadlines[0][0] < until_ns:
            _, _, one = heappop(self._deadlines)
            if not one.judged:
                self._judge(one)
                self._tell(one.expected, "missed", one.expected.deadline_ns, None)

    def _found(self, entry: Entry, one: Open, there: Unclaimed) -> None:
        """An expected message is there."""
        expected, at_ns = one.expected, there.at_ns
        one.heard[there.subscriber] = HEARD
        one.propagation.append(at_ns - expected.since_ns)
        one.last_ns = max(one.last_ns, at_ns)
        first = one.left == one.size
        one.left -= 1
        entry.leave(one)
        in_time = at_ns <= expected.deadline_ns
        if there.overtaken and in_time:  # one that is late is counted as that
            self.count("out_of_order")
        if self._any and not first:
            return  # the first one has decided it
        one.ok += in_time
        if not in_time:
            self._count(expected, "late", "", 1)
        if self._kind == "webhook":
            self._record_arrival(entry, expected, at_ns)
        if one.left and not self._any:
            return
        if self._kind == "realtime" and not self._any:
            last = self._recorder.trend("realtime_last_subscriber", expected.series, expected.phase)
            last.append(one.last_ns - expected.since_ns)
        if not one.judged:
            self._judge(one)
            complete = one.ok == (1 if self._any else one.size)
            self._tell(expected, "ok" if complete else "missed", one.last_ns, there.message)

    def _record_arrival(self, entry: Entry, expected: Expected, accepted_ns: int) -> None:
        """When a webhook was there at all, accepted or not."""
        first_ns = accepted_ns
        while entry.arrived:
            arrived_ns = entry.arrived.popleft()
            if arrived_ns >= expected.since_ns:
                first_ns = arrived_ns
                break
        trend = self._recorder.trend("webhook_arrival_duration", expected.series, expected.phase)
        trend.append(first_ns - expected.since_ns)

    def _overtaken(self, entry: Entry, place: Place, subscriber: int) -> bool:
        """Whether a message comes behind one sent after it; repeats are no matter of order."""
        if not entry.is_new(place.sequence, subscriber, self._subscribers):
            return False
        return self.ordering.overtaken(place, subscriber)

    def _judge(self, one: Open) -> None:
        """Count what has become of an expectation, once."""
        one.judged = True
        self.open -= 1
        size = 1 if self._any else one.size
        self._count(one.expected, "expected", "ok", one.ok)
        self._count(one.expected, "expected", "missed", size - one.ok)
        self._entries.move_to_end(one.expected.key)
        if one.left:
            self._missed.append(one)
            self.absent(one.expected.deadline_ns)  # which forgets the oldest

    def _count(self, expected: Expected, what: str, outcome: str, by: int) -> None:
        if by:
            metric = f"{self._kind}_{what}"
            self._recorder.count(expected.series, metric, expected.phase, outcome, by)

    def _tell(self, expected: Expected, fate: Fate, at_ns: int, message: Message | None) -> None:
        if expected.waiting is not None:
            wanted = message if expected.message else None
            self._answer(Answer(expected.waiting, fate, at_ns, wanted))

    # --- memory -------------------------------------------------------------------------------

    def _entry(self, key: str) -> Entry:
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) >= self._remember:
                self._forget()
            entry = self._entries[key] = Entry()
        return entry

    def _forget(self) -> None:
        """Forget the oldest key of which nothing is awaited; of many none, if there is none."""
        for key, entry in islice(self._entries.items(), _LOOKED_AT):
            if all(one.judged for one in entry.open):
                self._give_up(key, None)
                del self._entries[key]
                self.forgotten += 1
                return

    def _overflow(self) -> None:
        _, key = self._waiting.popleft()
        before = self._unclaimed
        self._give_up(key, None)
        self.overflowed += before - self._unclaimed

    def _give_up(self, key: str, until_ns: int | None) -> None:
        """Nobody has said that they expect these."""
        entry = self._entries.get(key)
        if entry is None:
            return
        given_up = entry.give_up(until_ns)
        self._let_go(given_up)
        if entry.was_expected:
            self.count("duplicates", len(given_up))
        else:
            self.count("unexpected", len(given_up))
            self.count("out_of_order", sum(one.overtaken for one in given_up))
        if entry.unclaimed:  # what came later has time left
            self._waiting.append((entry.first_ns, key))

    def _let_go(self, these: list[Unclaimed]) -> None:
        self._unclaimed -= len(these)
        self._unclaimed_bytes -= sum(self._bytes_of(one.message) for one in these)

    def _bytes_of(self, message: Message | None) -> int:
        """What a kept message takes; one is kept for all subscribers."""
        if message is None:
            return 0
        return (len(message.body) + _OF_A_MESSAGE) // self._subscribers
