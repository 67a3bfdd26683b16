"""What is asked of a run besides its plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wedload.plan.knee import Knee


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line adds to a plan."""

    target: str | None = None
    time_scale: float = 1.0
    seed: int | None = None  # None: a new one, which the result names
    once: bool = False
    production: bool = False  # whether load may go to a target that says that it is production
    workers: int | None = 1  # load processes; None: as many as the cores allow
    allow_python: bool = False  # whether steps may run code of the plan's own
    knee: Knee | None = None  # search for the capacity; the plan is one of a search then
    tags: Mapping[str, str] = field(default_factory=dict)
    recording: Callable[[str], Path] | None = None  # run's id -> where to record it; None: nowhere
    journal: Callable[[str], Path] | None = None  # the same of the folder of its clean-up journal
    result: Callable[[str], Path] | None = None  # … and of its result, which people are told
