"""The tracing of a plan: that its receiver can be where it is to be, and holds something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.checks.listening import check_listen

if TYPE_CHECKING:
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan

#: spans that may be held: a span takes less than a kB
FEWEST_SPANS: Final = 100
MOST_SPANS: Final = 5_000_000


def check_tracing(draft: Draft, plan: Plan) -> None:
    """Report what is wrong with it."""
    if plan.tracing is None:
        return
    where, most = ("tracing", "listen"), ("tracing", "max_spans")
    if not draft.damaged(where):
        check_listen(draft, where, plan.tracing.listen, expose=plan.tracing.expose)
    held = plan.tracing.max_spans
    if not draft.damaged(most) and not FEWEST_SPANS <= held <= MOST_SPANS:
        message = f"is {held:,}; it must be from {FEWEST_SPANS:,} to {MOST_SPANS:,}"
        draft.report(most, message, "100,000 are less than 100 MB")
