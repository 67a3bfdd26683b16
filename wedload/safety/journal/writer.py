"""What a load process tells its journal: what it is about to create, and what became of it.

On the hot path: an intent is a number stored, and of a deletion only what is not that of the one
before it is written – see `_Shape`. docs/journal.md explains the records.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from wedload.errors import JournalError
from wedload.safety.journal.count import IntentCount
from wedload.safety.journal.file import create, reopen
from wedload.safety.journal.plain import PlainTargets
from wedload.safety.journal.records import LOAD, count_path_of, head_line, load_name, path_of
from wedload.safety.journal.seal import Sealer, UntoldError
from wedload.safety.journal.tokens import shown_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.safety.journal.account import SignIn
    from wedload.safety.journal.file import JournalFile
    from wedload.workload.request import Origin, Request


class _Shape:
    """All of a step's deletions but their targets, as it was last; most steps have only one."""

    __slots__ = (
        "credentials", "digest_origin", "headers", "method", "middle", "origin", "own_headers",
    )  # fmt: skip

    def __init__(
        self,
        number: int,  # 0: it cannot be told
        request: Request,
        own_headers: frozenset[str],
        digest_origin: Origin | None,
        credentials: tuple[str, str] | None,
    ) -> None:
        self.method = request.method
        self.origin = request.origin
        self.headers = request.headers
        self.own_headers = own_headers
        self.digest_origin = digest_origin
        self.credentials = credentials
        self.middle = b',"s":%d,"t":' % number if number else b""

    def fits(
        self,
        request: Request,
        own_headers: frozenset[str],
        digest_origin: Origin | None,
        credentials: tuple[str, str] | None,
    ) -> bool:
        """Whether another deletion has it. Mostly all is the same object, which is seen at once."""
        return (
            request.headers == self.headers
            and request.method == self.method
            and request.body is None
            and (request.origin is self.origin or request.origin == self.origin)
            and (own_headers is self.own_headers or own_headers == self.own_headers)
            and (digest_origin is self.digest_origin or digest_origin == self.digest_origin)
            and (credentials is self.credentials or credentials == self.credentials)
        )


class Person:
    """Somebody who is signed in, as the journal knows them."""

    __slots__ = ("end", "number", "tokens", "told")

    def __init__(self) -> None:
        self.number = 0  # 0: nobody in particular, or nobody that can be told
        self.told = b""  # the record's content: a journal is not told twice
        self.tokens: tuple[bytes, ...] = ()  # what is shown for them
        self.end = b"}\n"  # of the record of what they create; empty: they cannot be told


class LoadJournal:
    """The journal of one load process."""

    def __init__(self, file: JournalFile, count: IntentCount, name: str, sealer: Sealer) -> None:
        """Of new files."""
        self.name = name
        self._count = count
        self._folder = os.path.dirname(file.path)  # noqa: PTH120 - a text, as compiled code has it
        self._file = file
        self._sealer = sealer
        self._plain = PlainTargets(sealer.forms)
        self._nobody = Person()
        self._last = 0  # number of the last intent
        self._shapes: dict[int, _Shape] = {}  # by step
        self._last_shape = 0
        self._last_person = 0
        self._mark_ns = 0  # an instant that is to be told before what is told next
        self._others: dict[str, JournalFile] = {}  # left by load processes that are gone
        file.append(head_line(LOAD, name))

    # --- the hot path -----------------------------------------------------------------------

    def intend(self) -> int:
        """Something is about to be created; its number.

        Raises:
            JournalError: that could not be told. Nothing must be created then.
        """
        self._file.make_room()
        number = self._last = self._last + 1
        self._count.tell(number)
        return number

    def created(
        self,
        number: int,
        request: Request,
        person: Person | None,
        step: int,
        own_headers: frozenset[str],
        digest_origin: Origin | None,
        credentials: tuple[str, str] | None,
    ) -> None:
        """Something was created; the request that deletes it, and as whom it is sent.

        `person`: None is nobody in particular. `step`: a number that only such requests have, so
        that mostly they have the same shape.
        """
        shape = self._shapes.get(step)
        if shape is None or not shape.fits(request, own_headers, digest_origin, credentials):
            shape = self._new_shape(request, own_headers, digest_origin, credentials)
            self._shapes[step] = shape
        if person is None:
            person = self._nobody
        target = request.target
        told = bool(shape.middle and person.end)
        for token in person.tokens:
            if len(token) <= len(target) and target.find(token) >= 0:
                told = False
        if not told:
            self._tell(b'{"x":%d}\n' % number)
        elif self._plain.holds(target):
            self._tell(b'{"c":%d%b"%b"%b' % (number, shape.middle, target, person.end))
        elif content := self._sealed_target(target):
            self._tell(b'{"c":%d%b%b%b' % (number, shape.middle, content, person.end))
        else:
            self._tell(b'{"x":%d}\n' % number)

    # --- now and then -----------------------------------------------------------------------

    def write_soon(self, soon: Callable[[Callable[[], None]], object]) -> None:
        """From now on write outcomes when this says so: an event loop's `call_soon`.

        Until then what was created is unknown, as when its answer had not come yet.
        """
        self._file.write_soon(soon)

    def write_at_once(self) -> None:
        """From now on write each when it is told."""
        self._file.write_at_once()

    def nothing(self, number: int) -> None:
        """It is over, and nothing was created that could be deleted."""
        self._tell(b'{"n":%d}\n' % number)

    def perhaps(self, number: int) -> None:
        """A request may have created something that nobody can name."""
        self._tell(b'{"u":%d}\n' % number)

    def gone(self, number: int, name: str = "") -> None:
        """What was created under a number is deleted; `name`: in whose journal, if not this one."""
        line = b'{"g":%d}\n' % number
        if not name or name == self.name:
            self._tell(line)
            return
        with suppress(JournalError):  # then it is deleted once more some time, and found to be gone
            other = self._others.get(name)
            if other is None:
                other = self._others[name] = reopen(path_of(self._folder, name))
            other.append(line)

    def signed_in(
        self, person: Person, sign_in: SignIn, lines: tuple[tuple[str, bytes], ...] = ()
    ) -> None:
        """Somebody has signed in, perhaps again; `lines`: the header lines that they send now.

        These are each with its name, in lower case.
        """
        try:
            record = self._sign_in(sign_in)
            told = orjson.dumps(record)
        except UntoldError:
            told = b""
        person.tokens = shown_tokens(lines)
        if told == person.told and told:
            return
        person.told = told
        if not told:
            person.end = b""
            return
        if not person.number:
            self._last_person += 1
            person.number = self._last_person
        person.end = b',"w":%d}\n' % person.number
        self._tell(b'{"w":%d,%b\n' % (person.number, told[1:]))

    def mark(self, now_ns: int) -> None:
        """What follows happens from now on, on the clock that all load processes share."""
        self._mark_ns = now_ns

    def close(self) -> None:
        """The process has nothing more to tell."""
        for file in (*self._others.values(), self._file):
            file.close()
        self._count.close()

    # --- inside -----------------------------------------------------------------------------

    def _tell(self, line: bytes) -> None:
        """Tell an outcome. Without room for it, its intent stays open: unknown, thus swept."""
        try:  # and no `suppress`, which takes three times as long as the record
            if self._mark_ns:
                self._tell_mark()
            self._file.append(line)
        except JournalError:
            pass

    def _tell_mark(self) -> None:
        self._file.append(b'{"at":%d}\n' % self._mark_ns)
        self._mark_ns = 0

    def _new_shape(
        self,
        request: Request,
        own_headers: frozenset[str],
        digest_origin: Origin | None,
        credentials: tuple[str, str] | None,
    ) -> _Shape:
        sealer = self._sealer
        try:
            record: dict[str, Any] = sealer.shape(request)
            if own_headers:
                record["own"] = sorted(own_headers)
            if digest_origin is not None:
                record["digest"] = sealer.origin(digest_origin)
            if credentials is not None:
                user, password = credentials
                sealer.require_references(password.encode())
                record["user"] = sealer.text(user.encode())
                record["password"] = sealer.text(password.encode())
        except UntoldError:
            return _Shape(0, request, own_headers, digest_origin, credentials)
        self._last_shape += 1
        self._tell(b'{"s":%d,%b\n' % (self._last_shape, orjson.dumps(record)[1:]))
        return _Shape(self._last_shape, request, own_headers, digest_origin, credentials)

    def _sealed_target(self, target: bytes) -> bytes:
        """As JSON; nothing if it cannot be told."""
        try:
            return orjson.dumps(self._sealer.target(target))
        except UntoldError:
            return b""

    def _sign_in(self, sign_in: SignIn) -> dict[str, Any]:
        sealer = self._sealer
        record: dict[str, Any] = {"as": sign_in.identity, "in": sign_in.scenario}
        if sign_in.request is not None:
            record["ask"] = sealer.request(sign_in.request)
        if sign_in.variables:
            record["vars"] = {n: sealer.value(n, v) for n, v in sign_in.variables.items()}
        record["vu"] = sign_in.vu
        record["iteration"] = sign_in.iteration
        if sign_in.rows:
            record["rows"] = dict(sign_in.rows)
        return record


def open_load_journal(
    folder: str, index: int, secrets: Mapping[tuple[str, str], str]
) -> LoadJournal:
    """The journal of the load process of this index, in the folder of its run.

    One that goes on where another has ended has the next name that is free.

    Raises:
        JournalError: the file cannot be made.
    """
    again = 0
    while os.path.lexists(path_of(folder, load_name(index, again))):
        again += 1
    name = load_name(index, again)
    file = create(path_of(folder, name))
    try:
        count = IntentCount(count_path_of(folder, name))
    except JournalError:
        file.close()
        raise
    return LoadJournal(file, count, name, Sealer(secrets))
