"""What a platform asked of its third parties, as numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.metrics.histogram import Histogram
    from wedload.metrics.summary import RateCount, Summary, Where

REQUESTS: Final = "dependency_requests"
FAILED: Final = "dependency_failed"
DURATION: Final = "dependency_duration"
OPERATIONS: Final = "dependency_operations"
ATTEMPTS: Final = "operation_attempts"


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyCounts:
    """The counts of one third party; see `wedload.results.dependency_model.Dependency`."""

    outcomes: Mapping[str, int]  # of attempts
    failed: RateCount  # attempts that were not answered as they asked
    operations: int
    failed_operations: int
    amplification: float | None  # attempts / operations; None: there were no operations
    quota_breaches: int
    duplicates: int

    @property
    def requests(self) -> int:
        """Attempts that came, whatever was answered."""
        return sum(self.outcomes.values())


def dependency_where(name: str) -> Where:
    """Selectors for one third party."""
    return (("dependency", name),)


def dependency_counts(summary: Summary, name: str) -> DependencyCounts:
    """The counts of a third party over the whole run so far."""
    where = dependency_where(name)
    operations = summary.outcomes(OPERATIONS, where)
    return DependencyCounts(
        outcomes=dict(summary.outcomes(REQUESTS, where).most_common()),
        failed=summary.rate(FAILED, where),
        operations=sum(operations.values()),
        failed_operations=operations["failed"],
        amplification=amplification(summary.trend(ATTEMPTS, where)),
        quota_breaches=summary.count("quota_breaches", where),
        duplicates=summary.count("dependency_duplicates", where),
    )


def amplification(attempts: Histogram) -> float | None:
    """Attempts / operations, exactly: `attempts` holds how many each operation took."""
    return attempts.mean_ns if attempts.count else None


def answered(summary: Summary, name: str) -> Histogram:
    """How long its answers took, as it was told to take."""
    return summary.trend(DURATION, dependency_where(name))
