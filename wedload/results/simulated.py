"""What came of third parties that were played by themselves, without a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.summary import Summary


@dataclass(frozen=True, slots=True)
class Simulated:
    """From when they were there until somebody ended them."""

    elapsed_s: float
    summary: Summary
    #: what is reported of each beside its metrics
    dependencies: Mapping[str, Mapping[str, Any]]
    proxies: Mapping[str, Mapping[str, Any]]
