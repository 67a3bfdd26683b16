"""Findings about how a run went: what ended early, what was lost, what was left behind. Pure.

Whether the generator itself was fit to measure is wedload.verdict.validity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_MS, format_ms
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def channel_limits(problem: str) -> Finding:
    """A plan asks more of a realtime service than its limits are said to be."""
    return Finding("channel-limits", problem, invalidates=False)


def few_files(problem: str) -> Finding:
    """A process may come to its limit of open files; if it did, connections failed."""
    return Finding("few-files", problem, invalidates=False)


def sandbox_lost(how: str) -> Finding:
    """The embedded sandbox ended by itself."""
    return Finding("sandbox-lost", f"The sandbox ended during the run: {how}.")


def ended_early(reason: str) -> Finding:
    """A scenario ended before its schedule."""
    return Finding("ended-early", f"A scenario ended early: {reason}.", invalidates=False)


def teardown_failed(problem: str, again: str | None) -> Finding:
    """A step of tear-down failed; `again` is the command that goes on with it."""
    failed = _going_on(f"Tear-down failed: {problem}", again)
    return Finding("teardown", failed, invalidates=False, fails=True)


def left_behind(count: CleanupCount, again: str | None) -> Finding:
    """Clean-up could not delete everything; `again` is the command that goes on with it."""
    why = "; ".join(f"{reason} ({number:,})" for reason, number in count.reasons.items())
    left = f"Clean-up left {count.leaked:,} of {count.created:,} behind: {why}"
    return Finding("cleanup", _going_on(left, again), invalidates=False, fails=True)


def perhaps_left_behind(number: int) -> Finding:
    """Requests that create something had no complete answer, and nothing has swept them away."""
    return Finding(
        "cleanup-uncertain",
        f"{_requests(number)} sent that create something, and no complete answer came, or nothing "
        "in it that names what was created: clean-up does not know it, and it is perhaps still "
        "there. A request that deletes by the run's id would find it: [cleanup] sweep in the plan.",
        invalidates=False,
    )


def not_found(count: CleanupCount) -> Finding:
    """Most of what clean-up was to delete is not where its requests look for it."""
    return Finding(
        "cleanup-absent",
        f"Of {count.deleted:,} things to be deleted the target did not know {count.absent:,} (404, "
        "410): they are gone already, or the `cleanup` of a step leads elsewhere and they are "
        "still there. Try that request once by hand.",
        invalidates=False,
    )


def not_swept(problem: str, again: str | None) -> Finding:
    """What the sweep was to delete is perhaps still there."""
    left = f"The sweep failed ({problem}): what only it could find is perhaps still there"
    return Finding("cleanup-sweep", _going_on(left, again), invalidates=False, fails=True)


def _going_on(left: str, again: str | None) -> str:
    return f"{left}." if again is None else f"{left}; `{again}` goes on with it."


def left_unfinished(left: int | None, again: str | None) -> Finding:
    """A second interrupt cut clean-up off, with so many requests left; None: before it began."""
    if left is None:
        message = (
            "Clean-up was cut off by an interrupt before it had begun: "
            "what the run created is still there"
        )
    else:
        message = (
            f"Clean-up was cut off by an interrupt with at least {left:,} requests left: "
            "what they would have deleted is still there"
        )
    return Finding("cleanup", _going_on(message, again), invalidates=False, fails=True)


def unwatched(failure: str) -> Finding:
    """What people were to see of the run failed."""
    return Finding(
        "view",
        f"The view of the run failed ({failure}); its load and its figures did not depend on it.",
        invalidates=False,
    )


def paused(seconds: float) -> Finding:
    """A person held the load back for a while."""
    return Finding(
        "paused",
        f"The load was paused for {format_ms(seconds * 1000)} by wedload ctl or Ctrl-Z; the rows "
        "are about the rest.",
        invalidates=False,
    )


def nothing_sent() -> Finding:
    """There is nothing to judge."""
    return Finding("nothing-sent", "No request was sent; the plan's steps never ran.")


def none_answered(number: int, longest_ns: int) -> Finding:
    """There is nothing to judge, and the target is why."""
    return Finding(
        "none-answered",
        f"{_requests(number)} begun, and none was answered before the end; "
        f"the longest had waited {_ms(longest_ns)} when it was cut off.",
    )


def unanswered(number: int, longest_ns: int, rows: Sequence[str], *, invalidates: bool) -> Finding:
    """Requests were cut off that may have hung; `rows` may not be met with them."""
    begin = f"{_requests(number)} cut off without an answer, after up to {_ms(longest_ns)}"
    if rows:
        message = (
            f"{begin}, so that {' and '.join(rows)} may not be met; let them end, with a "
            "graceful_stop and a graceful_ramp_down as long as their timeout."
        )
    else:
        message = (
            f"{begin}, much longer than any that was answered took; what would have become of "
            "them is in no row."
        )
    return Finding("unanswered", message, invalidates)


#: how a run ended that has no result -> what to say of it
_CUT_OFF: Final = {
    None: "wedload ended {at}, killed or with its machine",
    "failed": "wedload failed {at}",
    "stopped": "A second interrupt stopped everything at once {at}, so that nothing was torn down "
    "or cleaned up",
    "whole": "The load was over {at}, but the result was not saved",
}


def cut_off(load_s: float, planned_s: float, ending: str | None = None) -> Finding:
    """There is only the recording of a run; `ending` is how it ended, None if it could not say."""
    what = _CUT_OFF[ending].format(at=f"{load_s:.0f} s into the run's {planned_s:.0f} s")
    return Finding("cut-off", f"{what}; the figures are about what it had recorded by then.")


def under_way(load_s: float, planned_s: float) -> Finding:
    """There is only a recording because the run is not over."""
    return Finding(
        "under-way",
        f"The run is still under way, {load_s:.0f} s into its {planned_s:.0f} s; the figures are "
        "about what was recorded by now.",
    )


def damaged(line: int, lines: int, load_s: float) -> Finding:
    """A recording has a line that cannot be believed, nor what comes after it."""
    return Finding(
        "damaged",
        f"Line {line:,} of {lines:,} of the recording is damaged; it and all after it are left "
        f"out, and the figures are about the first {load_s:.0f} s.",
    )


def interrupted(load_s: float, end_s: float, because: str | None = None) -> Finding:
    """A person stopped the run, or what somebody has put there for it."""
    by = f" by {because}" if because else ""
    return Finding(
        "interrupted",
        f"The run was stopped{by} {load_s:.0f} s into its {end_s:.0f} s; "
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


def _requests(number: int) -> str:
    return "1 request was" if number == 1 else f"{number:,} requests were"


def _ms(duration_ns: int) -> str:
    return format_ms(duration_ns / NS_PER_MS)
