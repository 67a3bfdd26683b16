"""Findings about monitoring: figures that did not arrive. Pure.

None of them says anything about the load: it was driven and measured all the same.
"""

from __future__ import annotations

from wedload.units import counted
from wedload.verdict.model import Finding


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


def _finding(kind: str, message: str) -> Finding:
    return Finding(kind, message, invalidates=False)
