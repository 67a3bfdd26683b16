"""Where results are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Final

RUNS: Final = Path(".wedload") / "runs"
_RECORDING: Final = ".partial"


def result_path(run_id: str, output: Path | None) -> Path:
    """Where the result of a run goes: to `output`, if one was named."""
    return RUNS / run_id / "result.json" if output is None else output


def recording_path(run_id: str, output: Path | None) -> Path:
    """Where a run is recorded while it goes on: beside its result; a device has no place for it."""
    if output is None or (output.exists() and not output.is_file()):
        output = result_path(run_id, None)
    return output.with_name(output.name + _RECORDING)
