"""Findings about monitoring: what did not arrive, and alerts that fired. Pure.

None of them says anything about the load: it was driven and measured all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import counted
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_NAMED: Final = 10


def not_sent(name: str, sent: int, failed: int, problem: str) -> Finding:
    """Not all figures of a run arrived where they were to be seen; the problem says where."""
    of = f"{failed:,} of {counted(sent + failed, 'picture')} of the run"
    what = f"{of} did not arrive" if failed else "nothing was sent"
    return _finding("not-exported", f"{name}: {problem.rstrip('.')}; {what}.")


def no_picture(why: str) -> Finding:
    """Figures were sent no more, as of a defect in wedload."""
    return _finding("not-exported", f"Figures of the run were sent no more: {why.rstrip('.')}.")


def series_left_out(cells: int) -> Finding:
    """There were more series than are exported."""
    return _finding(
        "not-exported",
        f"{cells:,} series of the run were not exported, as there are too many:"
        " their figures are in the result alone.",
    )


def not_renewed(times: int, problem: str) -> Finding:
    """A silence was not renewed in time, so that alerts may have been heard."""
    return _finding(
        "silence-lost",
        f"A silence of alerts could not be renewed {counted(times, 'time')}: {problem.rstrip('.')};"
        " if that lasted, alerts that the load set off were heard.",
    )


def still_silenced(problem: str, for_s: float) -> Finding:
    """A silence could not be ended when the run was over."""
    return _finding(
        "silence-left",
        f"A silence of alerts could not be ended: {problem.rstrip('.')}; it ends by itself within"
        f" {for_s:g} s.",
    )


def alerts_heard(names: Sequence[str]) -> Finding:
    """Alerts of the environment fired in the run, and it had not silenced them."""
    are = "an alert" if len(names) == 1 else f"{len(names):,} alerts"
    return _finding(
        "alerts-heard",
        f"In the run {are} of its environment fired that it had not silenced: {_named(names)};"
        " whoever is on call may have been woken. Was it the load? Then silence them, too:"
        " [monitoring.alertmanager] silence.",
    )


def alerts_unchecked(problem: str) -> Finding:
    """Nobody could say which alerts fired."""
    return _finding(
        "alerts-unchecked",
        f"Which alerts fired in the run is not known to its end: {problem.rstrip('.')}.",
    )


def not_told(name: str, failed: int, problem: str) -> Finding:
    """Something that people were to be told of a run did not arrive."""
    return _finding(
        "not-told", f"{name}: {problem.rstrip('.')}; {counted(failed, 'message')} did not arrive."
    )


def _named(names: Sequence[str]) -> str:
    shown = [
        name if names.count(name) == 1 else f"{name} ({names.count(name):,})"
        for name in dict.fromkeys(names)
    ]
    more = f" and {len(shown) - _MOST_NAMED:,} more" if len(shown) > _MOST_NAMED else ""
    return ", ".join(shown[:_MOST_NAMED]) + more


def _finding(kind: str, message: str) -> Finding:
    return Finding(kind, message, invalidates=False)
