"""`[cleanup]`: that its sweep deletes what is of the run alone, and that somebody sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.checks.requests import check_identity
from wedload.plan.expressions.expression import require_no_duration

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan

_PATH: Final = ("cleanup",)
_RUN: Final = ("run", "id", None)
_EXAMPLE: Final = 'sweep = "DELETE /api/test-runs/${run.id}"'


def check_cleanup(draft: Draft, plan: Plan) -> None:
    """Report a sweep that would delete what others have created, or that nobody can send."""
    cleanup, path = plan.cleanup, _PATH
    check_identity(draft, path, cleanup.as_)
    if cleanup.count is not None:
        try:
            require_no_duration(cleanup.count)
        except ValueError as error:
            draft.report((*path, "count"), str(error))
    if cleanup.sweep is not None:
        if cleanup.sweep.method == "GET":
            message = "a GET deletes nothing"
            draft.report((*path, "sweep"), message, f"write {_EXAMPLE}")
        elif _RUN not in cleanup.sweep.url.reads.addresses:
            message = "does not say of which run: it might delete what others have created"
            draft.report((*path, "sweep"), message, f"write {_EXAMPLE}")
    elif not draft.damaged((*path, "sweep")):
        for key in ("as", "count"):
            if key in draft.written_keys(*path) and not draft.damaged((*path, key)):
                message = f"`{key}` is about the sweep, and there is none"
                draft.report((*path, key), message, f"write {_EXAMPLE}")
