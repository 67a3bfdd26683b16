"""Refuses what may be somebody's data in a plan, its data files, and the files that it sends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from wedload.errors import Problem
from wedload.plan.confinement import FileRefusedError
from wedload.plan.personal_data.accepting import Acceptance, Accepted, meant
from wedload.plan.personal_data.found import PLURALS, Found, instead
from wedload.plan.personal_data.labels import Label
from wedload.plan.personal_data.scan import find, find_in_line, may_hold
from wedload.plan.personal_data.sent_files import MOST_SCANNED, lines_of
from wedload.plan.personal_data.walking import texts_in
from wedload.plan.positions import begins_as, dotted
from wedload.units import format_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wedload.plan.bodies import Attachment
    from wedload.plan.draft import Draft
    from wedload.plan.feeders import LoadedFeeder
    from wedload.plan.model import Plan
    from wedload.plan.personal_data.found import Kind
    from wedload.plan.positions import Path

_ACCEPT: Final = ("safety", "accept")
_MOST_SHOWN: Final = 3  # of a kind in a file; the rest is counted
_MOST_REMEMBERED: Final = 100  # of what is refused, to say what was meant
_TELL_EVERY_S: Final = 1.0
_ROWS_A_LOOK: Final = 1_000  # rows between two looks at the clock
#: places that say where something is, and names of what is measured: no data that is sent
_PLACES: Final = (
    ("$schema",), ("schema",), ("benchmarks",), ("monitoring",), ("resources",), ("safety",),
    ("secrets",), ("http", "proxy"), ("proxies",), ("tracing",),
    *(("targets", "*", key) for key in ("allow_hosts", "base_url", "hosts", "proxy", "tls")),
    *(("channels", "*", key) for key in ("listen", "public_url", "tls", "url")),
    *(("dependencies", "*", key) for key in ("listen", "log")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DataFindings:
    """What of a plan's data is to be told, if nothing was refused."""

    accepted: tuple[Accepted, ...] = ()
    unscanned: tuple[str, ...] = ()  # files that requests send, and why they were not looked into


@dataclass(slots=True)
class _Refused:
    """The problems of one file: a few of each kind, and how many more there are."""

    templates: bool = False  # whether it is the plan
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)

    def add(self, found: Found, place: Callable[[str, str], Problem]) -> None:
        self.counts[found.kind] += 1
        if self.counts[found.kind] <= _MOST_SHOWN:
            said = f'"{found.masked}" may be the {found.kind} of somebody'
            remedy = instead(found.kind, templates=self.templates)
            hint = f"{remedy}; or give the reason for it in [safety.accept]"
            problem = place(said, hint)
            if problem not in self.problems:
                self.problems.append(problem)

    def all(self, file: str) -> Iterator[Problem]:
        yield from self.problems
        for kind, count in self.counts.items():
            if (more := count - _MOST_SHOWN) > 0:
                yield Problem(file, 0, f"{more:,} more {PLURALS[kind] if more > 1 else kind}")


def _in_file(file: str, line: int, head: str, said: str, hint: str) -> Problem:
    return Problem(file, line, head + said, hint)


def _masked(path: Path) -> str:
    """A path as a person writes it; what is found in its names is not told."""
    return dotted(tuple(_masked_text(part) if isinstance(part, str) else part for part in path))


def _masked_text(text: str) -> str:
    if may_hold(text):
        for found in find(text):
            text = text.replace(found.text, found.masked)
    return text


class _Progress:
    """Says where the scan is once a second, from the first second on."""

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self._tell = tell
        self._next_s = monotonic() + _TELL_EVERY_S

    def at(self, file: str, done: int, whole: int) -> None:
        if self._tell is not None and (now_s := monotonic()) >= self._next_s:
            self._next_s = now_s + _TELL_EVERY_S
            share = 100 * done // max(whole, 1)
            self._tell(f"looking for personal data in {file}: {min(share, 99)} %")


class _Check:
    def __init__(
        self, draft: Draft, acceptance: Acceptance, tell: Callable[[str], None] | None
    ) -> None:
        self._draft = draft
        self._acceptance = acceptance
        self._progress = _Progress(tell)
        self.refused: dict[str, Found] = {}

    def plan(self) -> None:
        refused, positions = _Refused(templates=True), self._draft.positions
        for path, label, text in texts_in(self._draft.raw):
            if not may_hold(text) or any(begins_as(path, place) for place in _PLACES):
                continue
            inside = find_in_line(text) if label is Label.NONE else find(text, label)
            for found in inside:  # of a URL or a body, names stand in the text
                if not self._takes(found, None):
                    refused.add(found, partial(self._in_plan, path))
        self._draft.problems += refused.all(positions.file)

    def feeder(self, loaded: LoadedFeeder) -> None:
        name = loaded.feeder.file
        file = str(self._draft.folders.base / name)
        refused, whole = _Refused(), len(loaded.feeder.rows)
        keys: set[str] = set()
        for index, row in enumerate(loaded.feeder.rows):
            if index % _ROWS_A_LOOK == 0:
                self._progress.at(file, index, whole)
            for path, label, text in texts_in(row):
                if not may_hold(text):
                    continue
                if path[-1] == text:  # a key is in every row
                    if text in keys:
                        continue
                    keys.add(text)
                for found in find(text, label):
                    if not self._takes(found, name):
                        line = loaded.lines[index] if loaded.lines else 0
                        where = "" if line else f"row {index + 1}, "
                        head = f"{where}column {_masked(path)}: "
                        refused.add(found, partial(_in_file, file, line, head))
        self._draft.problems += refused.all(file)

    def sent(self, name: str, attachment: Attachment) -> str | None:
        """Look into a file that requests send; what was not looked into, in words."""
        file = str(self._draft.folders.base / name)
        try:
            return self._look_into(name, attachment, file)
        except (OSError, FileRefusedError) as error:  # it could be read a moment ago
            reason = getattr(error, "strerror", None) or error
            said = f"it changed while the plan was checked: {reason}"
            self._draft.problems.append(Problem(file, 0, said))
            return None

    def _look_into(self, name: str, attachment: Attachment, file: str) -> str | None:
        lines = lines_of(self._draft.folders, name, attachment)
        if lines is None:
            return f"{name} (not a text)"
        refused = _Refused()
        whole = min(attachment.size_bytes, MOST_SCANNED)
        for number, done, line in lines:
            self._progress.at(file, done, whole)
            if may_hold(line):
                for found in find_in_line(line):
                    if not self._takes(found, name):
                        refused.add(found, partial(_in_file, file, number, ""))
        self._draft.problems += refused.all(file)
        most = format_size(MOST_SCANNED)
        return f"{name} (beyond {most})" if attachment.size_bytes > MOST_SCANNED else None

    def _in_plan(self, path: Path, said: str, hint: str) -> Problem:
        problem = self._draft.positions.problem(path, "", hint)
        file = problem.file if problem.line else _masked_text(problem.file)  # `--set KEY=VALUE`
        return replace(problem, file=file, message=f"{_masked(path)}: {said}")

    def _takes(self, found: Found, file: str | None) -> bool:
        if self._acceptance.takes(found, file):
            return True
        if len(self.refused) < _MOST_REMEMBERED:
            self.refused[found.key] = found
        return False


def _accepted(draft: Draft, plan: Plan) -> Mapping[str, str]:
    """What the plan accepts; where a reason of it is wrong, that is told, and not its value too."""
    if not draft.damaged(_ACCEPT):
        return plan.safety.accept
    accept = draft.written(*_ACCEPT)
    return dict.fromkeys(accept, "") if isinstance(accept, dict) else {}


def check_personal_data(
    draft: Draft,
    plan: Plan,
    feeders: Mapping[str, LoadedFeeder],
    files: Mapping[str, Attachment],
    tell: Callable[[str], None] | None = None,
) -> DataFindings:
    """Report all of it that the plan does not accept, and what it accepts in vain.

    `tell` is given a line about every second, if it takes longer.
    """
    acceptance = Acceptance(_accepted(draft, plan))
    check = _Check(draft, acceptance, tell)
    check.plan()
    for loaded in {one.feeder.file: one for one in feeders.values()}.values():
        check.feeder(loaded)
    unscanned = [check.sent(name, attachment) for name, attachment in files.items()]
    names = [*(feeder.file for feeder in plan.data.values()), *files]
    damaged = any(draft.damaged(("data", name)) for name in plan.data)
    for key in acceptance.unused() if not draft.damaged(_ACCEPT) else ():
        if key in names and damaged:
            continue  # it could not be read
        message = "nothing in the plan needs this" if key in names else "there is nothing like it"
        near = None if key in names else meant(key, names, check.refused.values())
        line = draft.positions.line(("safety", "accept", key))
        said = f"safety.accept: {_masked((key,))}: {message}"
        draft.problems.append(Problem(draft.positions.file, line, said, near or "take it out"))
    return DataFindings(acceptance.accepted(), tuple(filter(None, unscanned)))
