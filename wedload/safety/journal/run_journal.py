"""What the coordinator tells a run's journal: which run it is, and how far it has come."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from wedload.errors import JournalError
from wedload.private import make_private
from wedload.safety.journal.file import create, reopen
from wedload.safety.journal.records import RUN, head_line, path_of
from wedload.safety.journal.seal import Sealer, UntoldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.safety.journal.account import RunHead
    from wedload.safety.journal.file import JournalFile
    from wedload.safety.journal.seal import Source


class RunJournal:
    """The coordinator's file; as long as it is open, the run goes on. Each record is synced."""

    def __init__(self, file: JournalFile, sealer: Sealer) -> None:
        """Of a new file, or of one that is gone on with."""
        self._file = file
        self._sealer = sealer

    def captured(self, variables: Mapping[str, Any]) -> None:
        """Set-up is over; what it captured. Tokens are left out, and named."""
        kept, untold = {}, []
        for name, value in variables.items():
            try:
                kept[name] = self._sealer.value(name, value)
            except UntoldError:
                untold.append(name)
        self._tell({"captured": kept, **({"untold": untold} if untold else {})})

    def silenced(self, silence: str) -> None:
        """Alerts are silenced from now on, under this id."""
        self._tell({"silenced": silence})

    def heard(self, silence: str) -> None:
        """That silence has ended."""
        self._tell({"heard": silence})

    def torn_down(self) -> None:
        """Tear-down has run, and no step of it failed."""
        self._tell({"torn_down": True})

    def swept(self) -> None:
        """The sweep has deleted what there was."""
        self._tell({"swept": True})

    def ended(self) -> None:
        """The run has ended by itself: what is left was tried in vain."""
        self._tell({"ended": True})

    def close(self) -> None:
        """Whoever reads it now reads all of it."""
        self._file.close()

    def begin(self, head: RunHead) -> None:
        """The first record: which run it is."""
        text = self._sealer.text
        record = asdict(head)
        record["plan_text"] = text(head.plan_text.encode())
        record["overrides"] = [text(override.encode()) for override in head.overrides]
        record["base_url"] = text(head.base_url.encode())
        self._tell({"run": record})

    def _tell(self, record: dict[str, Any]) -> None:
        self._file.append(orjson.dumps(record) + b"\n")
        self._file.sync()


def open_run_journal(folder: str, head: RunHead, secrets: Mapping[Source, str]) -> RunJournal:
    """The journal of a run that begins, in a folder of its own, for its owner alone.

    Raises:
        JournalError: it cannot be made there.
    """
    try:
        make_private(os.path.dirname(folder) or ".")  # noqa: PTH120 - texts
        os.mkdir(folder, 0o700)  # noqa: PTH102
    except OSError as error:
        hint = "a journal is kept where wedload runs: is that folder ours, and is there room?"
        raise JournalError(f"{folder}: {error.strerror}", hint) from None
    file = create(path_of(folder, RUN))
    file.append(head_line(RUN, RUN))
    journal = RunJournal(file, Sealer(secrets))
    try:
        journal.begin(head)
    except UntoldError:
        journal.close()
        raise JournalError(
            f"{folder}: the plan has a secret in it, in a form in which it cannot be kept",
            "read it from the environment: ${env.WEDLOAD_…}",
        ) from None
    return journal


def resume_run_journal(folder: str, secrets: Mapping[Source, str]) -> RunJournal:
    """The journal of a run that is gone, to be gone on with; nobody else can meanwhile.

    Raises:
        JournalError: the run is not gone, or somebody cleans up after it already.
    """
    return RunJournal(reopen(path_of(folder, RUN)), Sealer(secrets))
