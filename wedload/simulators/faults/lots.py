"""Who suffers a fault of which only a share does, and what is drawn for it: seeded, by connection.

What is drawn depends on the seed, the target, the fault and the number of the connection alone:
neither on what else is drawn nor on when.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wedload.plan.faults import Fault


@dataclass(frozen=True, slots=True)
class Lot:
    """That of one connection."""

    seed: int
    target: str  # the dependency or the proxy
    number: int  # of the connection there, in the order in which they came

    def suffers(self, fault: Fault) -> bool:
        """Whether it is among those that a fault befalls; the same for as long as it lives."""
        if fault.toxicity >= 1:
            return True
        return self.rng(fault, "toxicity").random() < fault.toxicity

    def rng(self, fault: Fault, use: str) -> random.Random:
        """What to draw from for one use of a fault, such as a direction."""
        return random.Random(f"{self.seed}/{self.target}/{fault.name}/{self.number}/{use}")  # noqa: S311 - no secret is made of it
