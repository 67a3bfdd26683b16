"""What virtual users expect of channels: from the sending of a step until its message is there.

An expectation opens when a step is sent, and is told to the ears once its key is known: by that
step, or by the await step. One whose trigger failed, or whose key never came to be known, is
withdrawn, and counted.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from wedload.channels.keys import key_text
from wedload.engine.scope import missing
from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wedload.channels.expectation import Fate
    from wedload.channels.link import Link
    from wedload.channels.message import Message
    from wedload.engine.context import ScenarioContext
    from wedload.engine.scope import Scope
    from wedload.metrics.recorder import Recorder
    from wedload.workload.verbs.channels import Expectation


#: why nothing is expected: its step failed, its key has no value, or its await step did not run
Why = Literal["not_caused", "no_key", "not_awaited"]


class Told:
    """What the ears say of one expectation."""

    __slots__ = ("at_ns", "fate", "message")

    def __init__(self, fate: Fate, at_ns: int, message: Message | None) -> None:
        self.fate = fate
        self.at_ns = at_ns
        self.message = message


class Pending:
    """An expectation of one virtual user, from the sending of its trigger on."""

    __slots__ = (
        "expectation", "is_told", "number", "phase", "since_ns", "told", "withdrawn",
    )  # fmt: skip

    def __init__(self, expectation: Expectation, since_ns: int, phase: int) -> None:
        self.expectation = expectation
        self.since_ns = since_ns
        self.phase = phase  # in which that was
        self.is_told = False  # whether the ears know of it, as its key is known
        self.withdrawn = False  # whether it is not to be: not caused, or of no key
        self.number = -1  # by which they answer, if somebody waits for it …
        self.told: asyncio.Future[Told] | None = None  # … and what they will say


class Expectations:
    """Those of one load process, and its link to the ears."""

    def __init__(self, recorder: Recorder, channels: Iterable[str]) -> None:
        """`channels`: names in the order of the plan, by which both ends number them."""
        self._recorder = recorder
        self._channels = {name: number for number, name in enumerate(channels)}
        self._link: Link | None = None
        self._lost = False
        self._asked: dict[int, asyncio.Future[Told]] = {}
        self._number = 0

    # --- the link -----------------------------------------------------------------------------

    def linked(self, link: Link) -> None:
        """From now on the ears can be told."""
        self._link = link

    def told(self, _link: Link, answers: Sequence[Any]) -> None:
        """What the ears say: `(number, fate, instant, message)`."""
        for number, fate, at_ns, message in answers:
            future = self._asked.pop(number, None)
            if future is not None and not future.done():
                future.set_result(Told(fate, at_ns, message))

    def lost(self, _link: Link) -> None:
        """The ears are gone: nothing more is decided."""
        self._lost = True
        for future in self._asked.values():
            if not future.done():
                future.set_result(Told("undecided", 0, None))
        self._asked.clear()

    # --- expectations -------------------------------------------------------------------------

    def open(
        self,
        context: ScenarioContext,
        expects: Sequence[Expectation],
        scope: Scope,
        since_ns: int,
        *,
        caused: bool,
    ) -> None:
        """A step was sent at an instant that others wait for; `caused`: it succeeded."""
        phase = context.phase_at(since_ns)
        for expectation in expects:
            if (earlier := scope.expecting.get(expectation.name)) is not None:
                self._let_go(earlier)  # of a round before, whose await did not run
            pending = scope.expecting[expectation.name] = Pending(expectation, since_ns, phase)
            if not caused:
                self.withdraw(pending, "not_caused")
            elif expectation.key is not None:
                self.bind(pending, expectation.key, scope)

    def bind(self, pending: Pending, key: Any, scope: Scope) -> bool:
        """Tell the ears what is expected; False: the key has no value, so that it is withdrawn."""
        expectation = pending.expectation
        try:
            text = key_text(key(scope))
        except EVALUATION_ERRORS as error:
            self._recorder.note(f"{expectation.name}: key: {missing(error)}")
            self.withdraw(pending, "no_key")
            return False
        self.tell(pending, text)
        return True

    def tell(self, pending: Pending, key: str) -> None:
        """Tell the ears of an expectation whose key is known."""
        expectation = pending.expectation
        pending.is_told = True
        if expectation.wanted:
            self._number += 1
            pending.number = self._number
            pending.told = asyncio.get_running_loop().create_future()
            if self._lost:
                pending.told.set_result(Told("undecided", 0, None))
            else:
                self._asked[self._number] = pending.told
        if self._link is not None:
            deadline_ns = pending.since_ns + expectation.within_ns
            self._link.say((
                self._channels[expectation.channel], key, pending.since_ns, deadline_ns,
                expectation.series, pending.phase, pending.number, expectation.message,
            ))  # fmt: skip

    def abandon(self, scope: Scope) -> None:
        """An iteration ends: what it expected is still expected, but nobody waits for it."""
        for pending in scope.expecting.values():
            self._let_go(pending)
        scope.expecting.clear()

    def _let_go(self, pending: Pending) -> None:
        """Nobody waits for it any more; of one whose key is not known, nobody will know."""
        self._asked.pop(pending.number, None)
        if not pending.is_told:
            self.withdraw(pending, "not_awaited")

    def withdraw(self, pending: Pending, why: Why) -> None:
        """It is not to be, or nobody knows its key. Counted once."""
        if not pending.withdrawn:
            pending.withdrawn = True
            metric = f"{pending.expectation.kind}_withdrawn"
            self._recorder.count(pending.expectation.series, metric, pending.phase, why)
