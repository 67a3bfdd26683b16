"""Findings about how a run went: what ended early, what was lost, what was left behind. Pure.

Whether the generator itself was fit to measure is wedload.verdict.validity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.verdict.model import Abort


def worker_lost(what: str, detail: str | None, phase: str, elapsed_s: float) -> Finding:
    """A load process was lost: what was recorded is judged, but cannot be trusted."""
    told = f" {detail}" if detail else ""
    return Finding(
        "worker-lost",
        f"{what[:1].upper()}{what[1:]}, while {phase}, after {elapsed_s:.0f} s of load.{told}",
    )


def few_ports(problem: str) -> Finding:
    """There may be too few local ports for the connections; if so, connections failed."""
    return Finding("few-ports", problem, invalidates=False)


def few_files(problem: str) -> Finding:
    """A process may come to its limit of open files; if it did, connections failed."""
    return Finding("few-files", problem, invalidates=False)


def sandbox_lost(how: str) -> Finding:
    """The embedded sandbox ended by itself."""
    return Finding("sandbox-lost", f"The sandbox ended during the run: {how}.")


def ended_early(reason: str) -> Finding:
    """A scenario ended before its schedule."""
    return Finding("ended-early", f"A scenario ended early: {reason}.", invalidates=False)


def teardown_failed(problem: str) -> Finding:
    """A step of tear-down failed."""
    return Finding("teardown", f"Tear-down failed: {problem}.", invalidates=False)


def left_behind(count: CleanupCount) -> Finding:
    """Clean-up could not delete everything."""
    why = "; ".join(f"{reason} ({number:,})" for reason, number in count.reasons.items())
    return Finding(
        "cleanup",
        f"Clean-up left {count.leaked:,} of {count.created:,} behind: {why}.",
        invalidates=False,
    )


def paused(seconds: float) -> Finding:
    """A person held the load back for a while."""
    return Finding(
        "paused",
        f"The load was paused for {seconds:.0f} s by wedload ctl; the rows are about the rest.",
        invalidates=False,
    )


def nothing_sent() -> Finding:
    """There is nothing to judge."""
    return Finding("nothing-sent", "No request was sent; the plan's steps never ran.")


def cut_off(load_s: float, planned_s: float) -> Finding:
    """The coordinator ended in mid-run; there is only what it had recorded."""
    return Finding(
        "cut-off",
        f"wedload ended {load_s:.0f} s into the run's {planned_s:.0f} s, killed or with its "
        "machine; the figures are about what it had recorded by then.",
    )


def interrupted(load_s: float, end_s: float) -> Finding:
    """A person stopped the run."""
    return Finding(
        "interrupted",
        f"The run was stopped {load_s:.0f} s into its {end_s:.0f} s; "
        "the rows are about what had run by then.",
        invalidates=False,
    )


def aborted(abort: Abort, end_s: float) -> Finding:
    """A row with `abort` stopped the run."""
    return Finding(
        "aborted",
        f"The run was aborted {abort.after_s} s into its {end_s:.0f} s, as {abort.row.name} was "
        "missed; the other rows are about what had run by then.",
        invalidates=False,
    )
