"""One direction of a connection as its faults have it: bytes in, bytes and their instants out.

Purely: it is told what time it is, and says what is to be done and when it is to be asked again.
Whatever comes in, and however the faults change, what comes out is what came in, in its order, up
to where a fault has cut it off.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.simulators.faults.gate import NEVER, UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.simulators.faults.applied import Applied
    from wedload.simulators.faults.gate import Cut, Gate, Hold

_END: Final = b""  # that which was fed is never empty otherwise


@dataclass(frozen=True, slots=True)
class Write:
    """These bytes are to be passed on."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Nothing follows. `cut`: a fault has ended the connection, not who sends."""

    cut: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is to be reset."""


Action = Write | End | Reset


class Stream:
    """Instants are ns of any clock, and never go back."""

    def __init__(self) -> None:
        self._applied: tuple[Applied, ...] = ()
        self._holds: tuple[Hold, ...] = ()
        self._gates: tuple[Gate, ...] = ()
        self._waiting: deque[tuple[int, bytes]] = deque()  # (when it came, what came)
        self._offset = 0  # what has left of the first of them
        self._under_way: deque[tuple[int, Action]] = deque()  # (when it arrives, what)
        self._not_before_ns = 0  # what leaves next leaves then or later
        self._arrived_ns = 0  # what arrives next arrives then or later
        self._asked_ns: int | None = None  # when something is next decided at the gates
        self._names: dict[str, None] = {}  # a set that is in order
        #: bytes that have not left, and those that have and are under way
        self.waiting_bytes = 0
        self.under_way_bytes = 0
        #: nothing may follow
        self.over = False

    @property
    def idle(self) -> bool:
        """Whether everything has come out as it came in, and would do so."""
        return not (self._applied or self._waiting or self._under_way or self.over)

    @property
    def suffered(self) -> tuple[str, ...]:
        """Names of the faults that anything that was fed has suffered."""
        return tuple(self._names)

    @property
    def due_ns(self) -> int | None:
        """When `take` has something to give, or to decide; None: not before something is fed."""
        if not self._under_way:
            return self._asked_ns
        arrives_ns = self._under_way[0][0]
        return arrives_ns if self._asked_ns is None else min(arrives_ns, self._asked_ns)

    def feed(self, now_ns: int, data: bytes) -> None:
        """Data has come."""
        if not self.over and data:
            self.waiting_bytes += len(data)
            self._take_in(now_ns, data)

    def feed_end(self, now_ns: int) -> None:
        """Who sends has ended its half; nothing may be fed after that."""
        if not self.over:
            self._take_in(now_ns, _END)

    def change(self, now_ns: int, faults: Sequence[Applied]) -> None:
        """Other faults are in force from now on; those that stay are the same objects."""
        self._let_leave(now_ns)
        self._applied = tuple(faults)
        self._holds = tuple(hold for one in faults for hold in one.holds)
        self._gates = tuple(gate for one in faults for gate in one.gates)
        self._not_before_ns = max(self._not_before_ns, now_ns)
        for _, data in self._waiting:
            self._suffer(data)
        self._let_leave(now_ns)

    def take(self, now_ns: int) -> list[Action]:
        """What is to be done now, in order."""
        self._let_leave(now_ns)
        actions = []
        while self._under_way and self._under_way[0][0] <= now_ns:
            _, action = self._under_way.popleft()
            if isinstance(action, Write):
                self.under_way_bytes -= len(action.data)
            actions.append(action)
        return actions

    # --- inside -----------------------------------------------------------------------------

    def _take_in(self, now_ns: int, data: bytes) -> None:
        self._waiting.append((now_ns, data))
        self._suffer(data)
        self._let_leave(now_ns)

    def _suffer(self, data: bytes) -> None:
        for one in self._applied:
            if not (data and one.ends_only):
                self._names[one.name] = None

    def _let_leave(self, now_ns: int) -> None:
        """Let everything leave that may by now, each piece at its own instant."""
        self._asked_ns = None
        while self._waiting and self._asked_ns is None:
            came_ns, data = self._waiting[0]
            size = min(len(data) - self._offset, *(gate.most for gate in self._gates), UNLIMITED)
            at_ns = self._leaves_ns(came_ns, size)
            if (cut := self._cut_by(at_ns)) is not None:
                self._cut_off(cut, now_ns)
            elif at_ns > now_ns:
                self._asked_ns = at_ns if at_ns < NEVER else None
                return
            else:
                self._leave(at_ns, data, size)
                if (cut := self._cut_by(at_ns)) is not None:
                    self._cut_off(cut, now_ns)

    def _leaves_ns(self, came_ns: int, size: int) -> int:
        first_ns = at_ns = max(came_ns, self._not_before_ns)
        if self._holds:
            for hold in self._holds:
                hold.holds(at_ns)
            return NEVER
        for gate in self._gates:
            at_ns = gate.leaves_ns(at_ns, size)
        return max(at_ns, first_ns)

    def _cut_by(self, until_ns: int) -> Cut | None:
        """The first cut that comes no later than an instant."""
        cuts = [hold.cut for hold in self._holds] + [gate.cut for gate in self._gates]
        known = (cut for cut in cuts if cut is not None and cut.at_ns <= until_ns)
        return min(known, default=None)

    def _cut_off(self, cut: Cut, now_ns: int) -> None:
        if cut.at_ns > now_ns:
            self._asked_ns = cut.at_ns
            return
        self._waiting.clear()
        self._offset = self.waiting_bytes = 0
        self._send(cut.at_ns, Reset() if cut.how == "reset" else End(cut=True))
        self.over = True

    def _leave(self, at_ns: int, data: bytes, size: int) -> None:
        for gate in self._gates:
            gate.left(at_ns, size)
        self._not_before_ns = at_ns
        takes_ns = sum(way.takes_ns() for one in self._applied for way in one.ways)
        if not size:
            self._waiting.clear()
            self.over = True
            self._send(at_ns + takes_ns, End())
            return
        begin, end = self._offset, self._offset + size
        self._offset = end
        if end == len(data):
            self._waiting.popleft()
            self._offset = 0
        self.waiting_bytes -= size
        self.under_way_bytes += size
        self._send(at_ns + takes_ns, Write(data[begin:end]))

    def _send(self, arrives_ns: int, action: Action) -> None:
        self._arrived_ns = max(self._arrived_ns, arrives_ns)  # nothing overtakes
        self._under_way.append((self._arrived_ns, action))
