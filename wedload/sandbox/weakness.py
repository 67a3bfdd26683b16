"""Weaknesses that are injected on purpose and counted exactly: known answers for a measurement.

Says which message of a stream suffers what; knows neither webhooks nor sockets, and does nothing to
a message itself. Deterministic: of `1/N`, every N-th message is hit, not one in N at random.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from .errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

WEBHOOK_WEAKNESS = "WEDLOAD_SANDBOX_WEBHOOK_WEAKNESS"
REALTIME_WEAKNESS = "WEDLOAD_SANDBOX_REALTIME_WEAKNESS"

Kind = Literal["lose", "duplicate", "reorder", "delay", "missign"]
WEBHOOK_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
REALTIME_KINDS: Final[tuple[Kind, ...]] = ("lose", "duplicate", "reorder", "delay")

LONGEST_S: Final = 600.0
_FORM: Final = re.compile(
    r"\s*(?P<kind>[A-Za-z]+)\s*=\s*1\s*/\s*(?P<every>[1-9][0-9]{0,8})"
    r"(?:\s*:\s*(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(?P<unit>ms|s))?\s*"
)
_UNIT_S: Final = {"ms": 0.001, "s": 1.0}
_PAIR: Final = 2  # messages that a swap takes


@dataclass(frozen=True, slots=True)
class Weakness:
    """One wish: every `every`-th message (≥ 1) suffers `kind`; `delay_s` is for `delay` only."""

    kind: Kind
    every: int
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What one message suffers."""

    kind: Kind
    delay_s: float = 0.0


def parse_weakness(text: str, kinds: tuple[Kind, ...]) -> Weakness:
    """Read `lose=1/1428` or `delay=1/769:2s`.

    Raises:
        ValueError: it is not of that form, or none of `kinds`; the message says what is expected.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(
            f"{text!r} is not KIND=1/N; write 'lose=1/1428', or 'delay=1/769:2s' with ms or s"
        )
    kind = next((kind for kind in kinds if kind == form["kind"].lower()), None)
    if kind is None:
        raise ValueError(f"{form['kind']!r} is no weakness; there are {', '.join(kinds)}")
    if (kind == "delay") != (form["number"] is not None):
        raise ValueError(f"{text!r}: {_about_durations(kind)}")
    delay_s = float(form["number"]) * _UNIT_S[form["unit"]] if form["number"] else 0.0
    if delay_s > LONGEST_S:
        raise ValueError(f"{text!r} is longer than {LONGEST_S:g}s")
    return Weakness(kind, int(form["every"]), delay_s)


def _about_durations(kind: Kind) -> str:
    if kind == "delay":
        return "a delay needs its duration, as in 'delay=1/769:2s'"
    return f"only a delay has a duration; write '{kind}=1/N'"


def weaknesses_in(name: str, variable: str, kinds: tuple[Kind, ...]) -> tuple[Weakness, ...]:
    """Those in the environment's variable `name`, which separates them with semicolons.

    Raises:
        OptionError: one of them is not of the right form.
    """
    try:
        return tuple(parse_weakness(one, kinds) for one in variable.split(";") if one.strip())
    except ValueError as error:
        raise OptionError(f"{name}: {error}") from None


class _Turns:
    """When the next message is due that one wish hits."""

    __slots__ = ("due", "every", "hit", "size")

    def __init__(self, wish: Weakness) -> None:
        self.hit = Hit(wish.kind, wish.delay_s)
        self.every = wish.every
        self.due = wish.every
        self.size = _PAIR if wish.kind == "reorder" else 1


class Weaknesses:
    """Decides for each message whether it suffers a weakness; of several wishes the last counts.

    The k-th hit of `1/N` is due at message k·N. No message suffers two: where turns fall together,
    all but one come a few messages *earlier*, as late as still leaves room for the others. So after
    n messages each kind has hit floor(n/N) of them (and, within the few messages before a shared
    turn, perhaps one more), provided that there is room: every N is at least 4 times the number of
    kinds. With less, some come later than due.

    A message that is swapped with the next one of its stream takes that one too: its partner
    suffers nothing else, and the pair is complete, and counted, when the partner comes.
    """

    def __init__(self, wishes: Iterable[Weakness] = ()) -> None:
        last = {wish.kind: wish for wish in wishes}
        self._turns = [_Turns(wish) for wish in last.values()]
        self._messages = 0
        self._awaited: set[str] = set()
        self._counts: dict[str, int] = dict.fromkeys(last, 0)
        self._nothing_before = self._first_start()

    def next(self, stream: str = "") -> Hit | None:
        """What the next message suffers; O(1) where nothing does.

        `stream` names what a message's order is told by: only messages of one are swapped.
        """
        self._messages += 1
        if stream in self._awaited:
            self._awaited.discard(stream)
            self._counts["reorder"] += 1
            return None
        if self._messages < self._nothing_before:
            return None
        return self._hit(stream)

    def give_up_swap(self, stream: str = "") -> None:
        """Its partner did not come in time: the swap that the stream awaits does not happen."""
        self._awaited.discard(stream)

    def counts(self) -> dict[str, int]:
        """How many messages each wish has hit so far, a completed swap as one."""
        return dict(self._counts)

    def _hit(self, stream: str) -> Hit:
        turns = min(self._turns, key=lambda turns: turns.due)
        turns.due += turns.every
        self._nothing_before = self._first_start()
        if turns.hit.kind == "reorder":
            self._awaited.add(stream)
        else:
            self._counts[turns.hit.kind] += 1
        return turns.hit

    def _first_start(self) -> float:
        """The message at which the first hit must happen for none of the next ones to be late."""
        start = float("inf")
        for turns in sorted(self._turns, key=lambda turns: -turns.due):
            start = min(turns.due + 1, start) - turns.size
        return start
