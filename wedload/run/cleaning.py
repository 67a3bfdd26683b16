"""The clean-up of a run that comes to its end: what its steps name, then the sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.fleet.port import Fleet
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.run.journal import CleanupProgress, KeptJournal
    from wedload.run.logbook import Logbook


async def clean_up(
    fleet: Fleet,
    log: Logbook,
    journal: KeptJournal,
    notice: Callable[[str], None],
    variables: Mapping[str, Any],
    *,
    sweeps: bool,
) -> CleanupCount:
    """Delete what a run created, and note what is left; `variables` are those of set-up.

    A second interrupt cuts it off: then that is what is noted, and nothing is swept.
    """
    left: int | None = None

    def tell(number: int) -> None:
        nonlocal left
        left = number
        if number:
            notice(f"cleaning up: {number:,} left")

    def cut_off() -> bool:
        return log.stopping.gave_up

    count = await fleet.cleanup(tell)
    unfinished = cut_off() and left != 0
    if sweeps:
        count.covered = False
        if not cut_off():
            notice("sweeping up")
            problem = await sweep_up(fleet, variables, count, journal)
            if problem is not None:
                log.not_swept("it was cut off" if cut_off() else problem)
    journal.cleaned_up(count, whole=not cut_off())
    log.cleaned_up(count, unfinished=unfinished)
    if unfinished:
        log.gave_up(left)
    return count


async def sweep_up(
    fleet: Fleet,
    variables: Mapping[str, Any],
    count: CleanupCount,
    journal: KeptJournal | CleanupProgress,
) -> str | None:
    """Send the plan's sweep, and count what it deletes; why it was not done, or None."""
    done = await fleet.sweep(dict(variables))
    if done is None:
        return "no load process was left to do it"
    if done.problem is not None:
        return done.problem
    count.covered, count.swept = True, done.number or 0
    journal.swept()
    return None
