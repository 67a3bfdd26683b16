"""The journal of one load process, read: what is still there, and where that is told.

What it holds in memory is a few bytes for each number, not the requests: a run may have created
millions.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import JournalError
from wedload.safety.journal.count import read_count
from wedload.safety.journal.kinds import WrongKindError, is_sealed, require_person, require_shape
from wedload.safety.journal.lines import read_lines
from wedload.safety.journal.records import LOAD, count_path_of, path_of
from wedload.safety.journal.unseal import NotSealedError, sources_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wedload.safety.journal.lines import Line
    from wedload.safety.journal.seal import Source

_UNSEEN, _OPEN, _OVER = range(3)
#: no load process has more requests under way
_UNDER_WAY: Final = 1_000_000


class LoadFile:
    """What one load process has told."""

    def __init__(self, folder: str, name: str) -> None:
        """Read it.

        Raises:
            JournalError: it is none.
        """
        self.path, self.name = path_of(folder, name), name
        self._count = read_count(count_path_of(folder, name))
        self.shapes: dict[int, dict[str, Any]] = {}
        self.people: dict[int, dict[str, Any]] = {}
        self.created = self.deleted = self.untold = 0
        self._perhaps = 0
        self._states = bytearray(1)  # by number
        self._places = array("q", [0])  # by number: where the deletion is told; 0: nothing to do
        self._mark_places = array("q")  # ascending: from here on …
        self._marks = array("q")  # … it was this instant or later
        #: secrets that targets of deletions have in them
        self.target_sources: set[Source] = set()
        self._take: Final[dict[str, Callable[[int, Line], None]]] = {
            "c": self._created, "n": self._nothing, "u": self._uncertain,
            "g": self._gone, "x": self._untold, "s": self._shape, "w": self._person,
            "at": self._mark,
        }  # fmt: skip
        for line in read_lines(self.path, LOAD):
            self._read(line)

    @property
    def unknown(self) -> int:
        """How many requests may have created something that nobody can name.

        Numbers are given without a gap: of one that is not here there was no outcome, or it was
        lost with the power.
        """
        states = self._states
        seen = len(states) - 1  # there is no 0
        untold = states.count(_UNSEEN) - 1 + max(0, self._count - seen)
        return self._perhaps + states.count(_OPEN) + untold

    def left(self) -> Iterator[tuple[int, int, int]]:
        """(instant, number, place) of what is still there, last created first."""
        for number in range(len(self._places) - 1, 0, -1):
            if place := self._places[number]:
                mark = bisect_right(self._mark_places, place)
                yield (self._marks[mark - 1] if mark else 0, number, place)

    # --- records ----------------------------------------------------------------------------

    def _read(self, line: Line) -> None:
        for key, value in line.record.items():
            take = self._take.get(key)
            if take is None or type(value) is not int or not 0 <= value < 1 << 63:
                break
            # each number before it has taken more than a byte, or was under way: memory is bounded
            if key != "at" and value > line.offset + _UNDER_WAY:
                break
            try:
                take(value, line)
            except (KeyError, TypeError):
                break
            except WrongKindError as error:
                raise damaged(f"{self.path}:{line.number}", error) from None
            return
        raise JournalError(
            f"{self.path}:{line.number}: there is no such record in a clean-up journal"
        )

    def _numbered(self, number: int, state: int) -> int:
        """Set what is known of a number; what was known before."""
        missing = number + 1 - len(self._states)
        if missing > 0:
            self._states.extend(bytes(missing))
            self._places.extend([0] * missing)
        before = self._states[number]
        self._states[number] = max(before, state)
        return before

    def _created(self, number: int, line: Line) -> None:
        self._numbered(number, _OVER)
        self.created += 1
        person = line.record.get("w", 0)
        if line.record["s"] not in self.shapes or (person and person not in self.people):
            self.untold += 1  # lost with the power
            return
        if not is_sealed(line.record["t"]):
            raise WrongKindError("t is no text")
        self._places[number] = line.offset
        if isinstance(line.record["t"], list):
            self.target_sources.update(sources_in(line.record))

    def _untold(self, number: int, _line: Line) -> None:
        self._numbered(number, _OVER)
        self.created += 1
        self.untold += 1

    def _nothing(self, number: int, _line: Line) -> None:
        self._numbered(number, _OVER)

    def _uncertain(self, number: int, _line: Line) -> None:
        self._numbered(number, _OPEN)
        self._perhaps += 1

    def _gone(self, number: int, _line: Line) -> None:
        self._numbered(number, _OVER)
        if self._places[number]:
            self._places[number] = 0
            self.deleted += 1

    def _shape(self, number: int, line: Line) -> None:
        require_shape(line.record)
        self.shapes[number] = line.record

    def _person(self, number: int, line: Line) -> None:
        require_person(line.record)
        self.people[number] = line.record

    def _mark(self, instant_ns: int, line: Line) -> None:
        self._mark_places.append(line.offset)
        self._marks.append(instant_ns)


def damaged(where: str, error: Exception) -> JournalError:
    """That something in a journal is not as it was written; `where`: its file and line."""
    what = "a text" if isinstance(error, NotSealedError) else "something"
    return JournalError(f"{where}: {what} in this journal is not as wedload writes it ({error})")
