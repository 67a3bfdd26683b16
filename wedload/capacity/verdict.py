"""What a search for the capacity decides: pass if it is found or bounded below. Pure.

Its rows are about the probe with the highest rate that held, so they are met. Those of the other
probes are broken by design, and so are findings about the load as a whole: of each probe that was
the generator's limit, the search knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.results.capacity_model import Capacity
    from wedload.verdict.model import Outcome, Verdict

#: what is found in the load as a whole, most of which is not the probe that is judged
_OF_ALL_PROBES: Final = frozenset(
    {
        "dropped", "generator-cpu", "generator-lag", "generator-gc", "load-not-reached",
        "max-rate",
    }
)  # fmt: skip


def verdict_of_search(verdict: Verdict, capacity: Capacity) -> Verdict:
    """The verdict of a run that was a search; `verdict` is what its load would decide by itself."""
    findings = tuple(one for one in verdict.findings if one.kind not in _OF_ALL_PROBES)
    invalid = [one.message for one in findings if one.invalidates]
    failing = [one.message for one in findings if one.fails]
    outcome: Outcome = "pass"
    reasons = [*invalid, *failing]
    if capacity.outcome == "inconclusive":
        reasons.append(f"The capacity was not found: {capacity.why}.")
    elif capacity.outcome == "below":
        reasons.append(capacity.sentence)
    if invalid or capacity.outcome == "inconclusive":
        outcome = "invalid"
    elif failing or capacity.outcome == "below":
        outcome = "fail"
    return replace(verdict, outcome=outcome, findings=findings, reasons=tuple(reasons))
