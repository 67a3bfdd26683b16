"""Where results are kept."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

RUNS: Final = Path(".wedload") / "runs"
_RECORDING: Final = ".partial"
_JOURNAL: Final = "journal"


def result_path(run_id: str, output: Path | None) -> Path:
    """Where the result of a run goes: to `output`, if one was named."""
    return RUNS / run_id / "result.json" if output is None else output


def recording_path(run_id: str, output: Path | None) -> Path:
    """Where a run is recorded while it goes on: beside its result; a device has no place for it."""
    if output is None or (output.exists() and not output.is_file()):
        output = result_path(run_id, None)
    return output.with_name(output.name + _RECORDING)


def journal_path(run_id: str, runs: Path = RUNS) -> Path:
    """The folder of a run's clean-up journal: where every run of this place has it."""
    return runs / run_id / _JOURNAL


def journals_in(runs: Path) -> list[Path]:
    """The folders of all clean-up journals, that of the newest run first."""
    return sorted((one.parent for one in runs.glob(f"*/{_JOURNAL}/run.jsonl")), reverse=True)


def remove_journal(folder: Path) -> None:
    """Remove a journal, and what was made for it alone; what cannot be removed stays."""
    with suppress(OSError):
        for file in (*folder.glob("*.jsonl"), *folder.glob("*.count")):
            file.unlink()
        folder.rmdir()
        leave_no_folder(folder.parent)


def leave_no_folder(folder: Path) -> None:
    """Remove the folder of a run, and those that were made for all runs, as far as they are empty.

    Where runs are kept elsewhere, that is somebody's own folder.
    """
    for one in (folder, *(folder.parents[:2] if folder.parent == RUNS else ())):
        try:
            one.rmdir()
        except OSError:
            return
