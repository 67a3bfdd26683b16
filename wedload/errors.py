"""Everything that can go wrong for a user, as one tree.

::

    WedloadError            exit 4   wedload itself failed
    ├── PlanError           exit 2   the plan is wrong: all problems of a file, each with file:line
    ├── UsageError          exit 2   the command line is wrong
    ├── ResultError         exit 2   a file is not a result, or cannot be read
    ├── TargetError         exit 4   the target could not be reached, or could not be started
    ├── EarError            exit 4   a channel could not be opened
    ├── PartyError          exit 4   a simulated third party or a proxy could not be opened
    ├── JournalError        exit 4   a clean-up journal cannot be written, or is none
    └── WorkerError         exit 4   a load process failed or was lost

An exit code is part of the contract with scripts (see docs/plan-reference.md). Failed *requests*
are data, never exceptions: they are recorded as outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class ExitCode(IntEnum):
    """What the process tells the shell."""

    OK = 0  # benchmarks met / no regression
    MISSED = 1  # a benchmark missed / a regression
    USAGE = 2  # the plan or the arguments are wrong
    INVALID = 3  # the run is invalid / the comparison is inconclusive
    FAILED = 4  # the target could not be reached, or wedload failed
    INTERRUPTED = 130  # 128 + SIGINT, as shells expect


class WedloadError(Exception):
    """Root of the tree: a message that names the thing, and a hint with the remedy."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n  hint: {self.hint}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one place of a plan or a data file."""

    file: str
    line: int  # 1-based; 0 where the file as a whole is meant
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{where}: {self.message}"
        return text if self.hint is None else f"{text}\n  hint: {self.hint}"


class PlanError(WedloadError):
    """A plan that cannot be run, with every problem found in it."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(WedloadError):
    """The command line asks for what cannot be done."""

    exit_code = ExitCode.USAGE


class ResultError(WedloadError):
    """A file that should be a result is none, or cannot be read."""

    exit_code = ExitCode.USAGE


class TargetError(WedloadError):
    """The target cannot be reached, or the embedded one cannot be started."""


class EarError(WedloadError):
    """A channel cannot be opened: nobody can listen there, or subscribers cannot join."""


class PartyError(WedloadError):
    """A third party cannot be played, or a proxy not be opened: nobody can listen there."""


class JournalError(WedloadError):
    """A clean-up journal cannot be written, cannot be read, or is none."""


class WorkerError(WedloadError):
    """A load process failed or was lost."""
