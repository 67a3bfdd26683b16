"""How clean-up went, as numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class CleanupCount:
    """What a run created and what became of it."""

    created: int = 0
    deleted: int = 0
    leaked: int = 0
    #: why something is still there, with how often
    reasons: dict[str, int] = field(default_factory=dict)
    #: requests that may have created something, but nobody knows: no complete answer came
    uncertain: int = 0
    #: how much the sweep says that it deleted; 0 if its answer does not say
    swept: int = 0
    #: whether a sweep has deleted what nobody knows; None: the plan has none
    covered: bool | None = None
    #: of those that are deleted: what the target did not know (404, 410)
    absent: int = 0

    @property
    def left(self) -> int:
        """What is neither deleted nor given up yet."""
        return self.created - self.deleted - self.leaked

    def leak(self, reason: str, number: int = 1) -> None:
        """Give up a number of them, and say why."""
        self.leaked += number
        self.reasons[reason] = self.reasons.get(reason, 0) + number

    @staticmethod
    def total(counts: Iterable[CleanupCount]) -> CleanupCount:
        """Those of several load processes, added up."""
        whole = CleanupCount()
        reasons: Counter[str] = Counter()
        for one in counts:
            whole.created += one.created
            whole.deleted += one.deleted
            whole.absent += one.absent
            whole.leaked += one.leaked
            whole.uncertain += one.uncertain
            reasons.update(one.reasons)
        whole.reasons = dict(reasons)
        return whole
