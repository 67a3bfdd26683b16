"""Reading a journal: a run's folder becomes an `Account` of what is still there.

What several load processes created is put in one order by marks that each of them has in its file
every quarter of a second, on the clock that they share.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import orjson

from wedload.errors import JournalError
from wedload.safety.journal.account import Account, RunHead, SignIn, Undo
from wedload.safety.journal.file import is_written
from wedload.safety.journal.kinds import require_head, require_id
from wedload.safety.journal.lines import read_lines
from wedload.safety.journal.load_file import LoadFile, damaged
from wedload.safety.journal.records import RUN, SUFFIX, index_of, is_load_name, path_of
from wedload.safety.journal.unseal import Unsealer, sources_in

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from wedload.safety.journal.seal import Source

_EXPORT = "export it as it was in the run, or as it is now: who is to delete signs in with it"


def is_going(folder: str) -> bool:
    """Whether the run still goes on, or somebody cleans up after it already."""
    return is_written(path_of(folder, RUN)) or any(
        is_written(path_of(folder, name)) for name in _load_names(folder)
    )


def read_head(folder: str, secrets: Mapping[Source, str]) -> RunHead:
    """Which run it is.

    Raises:
        JournalError: this is no journal, or a secret is missing that its head refers to.
    """
    return _RunFile(path_of(folder, RUN), secrets).head


def read_account(
    folder: str, secrets: Mapping[Source, str], indices: Container[int] | None = None
) -> Account:
    """All that a journal says, or what load processes of these indices have told.

    Raises:
        JournalError: this is no journal, or a secret is missing.
    """
    run = _RunFile(path_of(folder, RUN), secrets)
    files = [LoadFile(folder, name) for name in _load_names(folder, indices)]
    undos = Undos(files, Unsealer(secrets))
    _require(folder, undos.sources(), secrets)
    return Account(
        head=run.head,
        undos=undos,
        sign_ins=undos.sign_ins(),
        created=sum(file.created for file in files),
        deleted=sum(file.deleted for file in files),
        unknown=sum(file.unknown for file in files),
        untold=sum(file.untold for file in files),
        variables=run.variables,
        untold_variables=run.untold_variables,
        torn_down=run.torn_down,
        swept=run.swept,
        ended=run.ended,
        silences=tuple(run.silences),
    )


class Undos(Sequence[Undo]):
    """What is still there, last created first; an `Undo` is made when it is asked for."""

    def __init__(self, files: Sequence[LoadFile], unsealer: Unsealer) -> None:
        self._files = files
        self._unsealer = unsealer
        self._of = array("h")  # which file …
        self._numbers = array("q")  # … which number in it …
        self._places = array("q")  # … and where that is told
        orders = (_left(index, file) for index, file in enumerate(files))
        for _, index, number, place in merge(*orders, reverse=True):
            self._of.append(index)
            self._numbers.append(number)
            self._places.append(place)

    def __len__(self) -> int:
        return len(self._of)

    @overload
    def __getitem__(self, index: int) -> Undo: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Undo]: ...

    def __getitem__(self, index: int | slice) -> Undo | Sequence[Undo]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        file = self._files[self._of[index]]
        record = self._record(file, self._places[index])
        return self._undo(file, self._numbers[index], record)

    def sources(self) -> set[Source]:
        """The secrets that it takes to make them and to sign in."""
        found: set[Source] = set()
        for file in self._files:
            found |= file.target_sources
            for record in (*file.shapes.values(), *file.people.values()):
                found.update(sources_in(record))
        return found

    def sign_ins(self) -> dict[tuple[str, int], SignIn]:
        """How to sign in as everybody who created something."""
        return {
            (file.name, number): self._sign_in(file, record)
            for file in self._files
            for number, record in file.people.items()
        }

    def _record(self, file: LoadFile, place: int) -> dict[str, Any]:
        with open(file.path, "rb") as opened:  # noqa: PTH123 - see wedload.safety.journal.file
            opened.seek(place)
            record: dict[str, Any] = orjson.loads(opened.readline())
        return record

    def _undo(self, file: LoadFile, number: int, record: dict[str, Any]) -> Undo:
        shape = file.shapes[record["s"]]
        text = self._unsealer.text
        try:
            request = self._unsealer.request(shape, record["t"])
            origin = None
            if "digest" in shape:
                origin = self._unsealer.origin(shape["digest"])
            credentials = None
            if "user" in shape:
                credentials = text(shape["user"]).decode(), text(shape["password"]).decode()
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(file.path, error) from None
        return Undo(
            key=(file.name, number),
            request=request,
            who=(file.name, record["w"]) if "w" in record else None,
            own_headers=frozenset(shape.get("own", ())),
            origin=origin,
            credentials=credentials,
        )

    def _sign_in(self, file: LoadFile, record: dict[str, Any]) -> SignIn:
        ask = record.get("ask")
        try:
            return SignIn(
                identity=record["as"],
                scenario=record["in"],
                request=None if ask is None else self._unsealer.request(ask, ask["at"]),
                variables={
                    name: self._unsealer.value(sealed)
                    for name, sealed in record.get("vars", {}).items()
                },
                vu=record["vu"],
                iteration=record["iteration"],
                rows=record.get("rows", {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(file.path, error) from None


def _left(index: int, file: LoadFile) -> Iterator[tuple[int, int, int, int]]:
    """What is left of one load process, with its own place among them."""
    for instant, number, place in file.left():
        yield instant, index, number, place


class _RunFile:
    """What the coordinator has told."""

    def __init__(self, path: str, secrets: Mapping[Source, str]) -> None:
        self.variables: Mapping[str, Any] | None = None
        self.untold_variables: tuple[str, ...] = ()
        head: RunHead | None = None
        self.torn_down = self.swept = self.ended = False
        self.silences: dict[str, None] = {}
        unsealer = Unsealer(secrets)
        for line in read_lines(path, RUN):
            record = line.record
            try:
                if "run" in record:
                    require_head(record["run"])
                _require(path, sources_in(record), secrets)
                if "run" in record:
                    head = _head(record["run"], unsealer)
                elif "captured" in record:
                    captured = record["captured"].items()
                    self.variables = {name: unsealer.value(sealed) for name, sealed in captured}
                    self.untold_variables = tuple(record.get("untold", ()))
                elif "silenced" in record:
                    self.silences[require_id(record["silenced"])] = None
                elif "heard" in record:
                    self.silences.pop(require_id(record["heard"]), None)
                else:
                    self.torn_down |= "torn_down" in record
                    self.swept |= "swept" in record
                    self.ended |= "ended" in record
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise damaged(f"{path}:{line.number}", error) from None
        if head is None:
            raise JournalError(f"{path}: the run ended before it had told which one it was")
        self.head = head


def _head(record: Mapping[str, Any], unsealer: Unsealer) -> RunHead:
    fields = dict(record)
    fields["plan_text"] = unsealer.text(record["plan_text"]).decode()
    fields["overrides"] = tuple(unsealer.text(one).decode() for one in record["overrides"])
    fields["base_url"] = unsealer.text(record["base_url"]).decode()
    return RunHead(**fields)


def _load_names(folder: str, indices: Container[int] | None = None) -> list[str]:
    """The load processes' files, in no order that matters."""
    try:
        files = sorted(Path(folder).iterdir())
    except OSError as error:
        raise JournalError(f"{folder}: {error.strerror}") from None
    names = [file.stem for file in files if file.suffix == SUFFIX and is_load_name(file.stem)]
    return [one for one in names if indices is None or index_of(one) in indices]


def _require(where: str, sources: Iterable[Source], secrets: Mapping[Source, str]) -> None:
    missing = sorted(set(sources) - secrets.keys())
    if missing:
        kinds = {"env": "environment variable", "file": "secret file"}
        names = ", ".join(f"the {kinds[kind]} {name}" for kind, name in missing)
        raise JournalError(f"{where}: {names} is not there, and the journal refers to it", _EXPORT)
