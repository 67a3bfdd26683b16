"""The journal of a run, as its coordinator keeps it: what a later `wedload cleanup` goes on with.

A run keeps one where something is to be undone, on a target that outlives the run. It goes when
nothing is left.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wedload.about import __version__
from wedload.errors import JournalError
from wedload.plan.uses import step_lists
from wedload.plan.verbs.base import sampled_steps
from wedload.results.paths import remove_journal
from wedload.safety.journal.account import RunHead
from wedload.safety.journal.run_journal import open_run_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.safety.journal.run_journal import RunJournal
    from wedload.safety.journal.seal import Source
    from wedload.workload.compile_plan import Settings


def silences(plan: Plan) -> bool:
    """Whether a run silences alerts, which would outlive it by a minute."""
    asked = None if plan.monitoring is None else plan.monitoring.alertmanager
    return asked is not None and bool(asked.silence)


def is_to_be_undone(plan: Plan, target: str) -> bool:
    """Whether a run against a target has something to undo there that would outlive it."""
    if plan.targets[target].sandbox:
        return False  # it ends with the run, and all that is in it
    return (
        bool(plan.teardown)
        or plan.cleanup.sweeps
        or any(
            one.is_to_be_undone
            for path, steps in step_lists(plan)
            for index, step in enumerate(steps)
            for _, one in sampled_steps(step, (*path, index))
        )
    )


class CleanupProgress:
    """How far a clean-up is, as its journal is told; what cannot be told is done once more later.

    It may be that of the run itself, or a later one. Without a journal nobody is told.
    """

    def __init__(self, file: RunJournal | None, notice: Callable[[str], None]) -> None:
        self._file = file
        self._notice = notice

    def silenced(self, silence: str) -> None:
        """Alerts are silenced from now on, under this id."""
        self._tell(lambda file: file.silenced(silence))

    def heard(self, silence: str) -> None:
        """That silence has ended."""
        self._tell(lambda file: file.heard(silence))

    def torn_down(self) -> None:
        """Tear-down has run, and no step of it failed."""
        self._tell(lambda file: file.torn_down())

    def swept(self) -> None:
        """The sweep has deleted what there was."""
        self._tell(lambda file: file.swept())

    def ended(self) -> None:
        """The run has ended by itself: what is left was tried in vain."""
        self._tell(lambda file: file.ended())

    def _tell(self, tell: Callable[[RunJournal], None]) -> None:
        if self._file is None:
            return
        try:
            tell(self._file)
        except JournalError as error:
            self._notice(f"{error.message}; clean-up goes on")


class KeptJournal:
    """The coordinator's part of the journal of one run; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, run_id: str, notice: Callable[[str], None]) -> None:
        self._folder = folder
        self._run_id = run_id
        self._notice = notice
        self._file: RunJournal | None = None
        self._progress = CleanupProgress(None, notice)
        self._creates = False  # something in the target; else alerts are silenced, at most
        self._silences: set[str] = set()
        self._begun = self._undone = False
        self._to_tear_down = False  # once set-up is over …
        self._tears_down = False  # … it is, and that is not done

    def begin(
        self, loaded: LoadedPlan, settings: Settings, workers: int, secrets: Mapping[Source, str]
    ) -> str:
        """Make it, before anything is created; its folder, empty if load processes keep none.

        Raises:
            JournalError: it cannot be written.
        """
        self._creates = is_to_be_undone(loaded.plan, settings.target)
        if self._folder is None or not (self._creates or silences(loaded.plan)):
            return ""
        head = RunHead(
            run_id=settings.run_id,
            version=__version__,
            plan_file=loaded.file,
            plan_text=loaded.text,
            plan_folder=str(loaded.folders.base.resolve()),
            overrides=loaded.overrides,
            target=settings.target,
            base_url=settings.base_url,
            seed=settings.seed,
            started_at=datetime.now(UTC).isoformat(),
            workers=workers,
        )
        folder = str(self._folder.resolve())
        self._to_tear_down = bool(loaded.plan.teardown)
        self._file = open_run_journal(folder, head, secrets)
        self._progress = CleanupProgress(self._file, self._notice)
        return folder if self._creates else ""

    @property
    def again(self) -> str | None:
        """The command that goes on with clean-up; None: nothing is kept that it could read."""
        return self._command if self._creates and self._file is not None else None

    @property
    def _command(self) -> str:
        return f"wedload cleanup {self._run_id}"

    def silenced(self, silence: str) -> None:
        """Alerts are silenced from now on, under this id."""
        self._silences.add(silence)
        self._progress.silenced(silence)

    def heard(self, silence: str) -> None:
        """That silence has ended."""
        self._silences.discard(silence)
        self._progress.heard(silence)

    def begun(self) -> None:
        """From now on something may be created."""
        self._begun = True

    def captured(self, variables: Mapping[str, Any], *, whole: bool = True) -> None:
        """Set-up is over; `whole`: none of it failed.

        Raises:
            JournalError: that cannot be written, so that nothing may be created.
        """
        if self._file is not None:
            # one that failed before it captured anything mostly leaves nothing to tear down
            self._tears_down = self._to_tear_down and (whole or len(variables) > 0)
            self._file.captured(variables)

    def torn_down(self) -> None:
        """Tear-down has run, and no step of it failed."""
        self._tears_down = False
        self._progress.torn_down()

    def swept(self) -> None:
        """The sweep has deleted what there was."""
        self._progress.swept()

    def cleaned_up(self, count: CleanupCount, *, whole: bool) -> None:
        """Clean-up has come to its end; `whole`: nobody cut it off.

        What nobody can name and nothing sweeps is in the result: no journal could help with it.
        """
        self._progress.ended()
        self._undone = whole and not count.leaked and count.covered is not False

    def close(self) -> None:
        """Nothing more comes; a journal with nothing left in it goes."""
        if self._file is None or self._folder is None:
            return
        self._file.close()
        undone = not self._creates or (self._undone and not self._tears_down)
        if (undone or not self._begun) and not self._silences:
            remove_journal(self._folder)
        else:
            self._notice(f"`{self._command}` deletes what is left of the run")
