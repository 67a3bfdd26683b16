"""The third parties and fault proxies of a run, as its result has them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.results.dependencies import dependency_counts, dependency_where
from wedload.results.dependency_model import Dependency, FaultProxy
from wedload.results.figures import metrics_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.results.run import Run

#: what a report says that has a key of its own
_OWN: Final = frozenset({"name", "simulate", "url"})


def dependencies_of(run: Run) -> list[Dependency]:
    """Each third party of the plan, in its order."""
    return [
        _dependency(run, name, simulate, _report(run.dependencies, name))
        for name, simulate in run.info.dependencies.items()
    ]


def _dependency(run: Run, name: str, simulate: str, report: Mapping[str, Any] | None) -> Dependency:
    counts = dependency_counts(run.summary, name)
    rest = None if report is None else {k: v for k, v in report.items() if k not in _OWN}
    return Dependency.model_validate(
        {
            "name": name,
            "simulate": simulate,
            "url": None if report is None else report.get("url"),
            "requests": counts.requests,
            "outcomes": counts.outcomes,
            "operations": counts.operations,
            "failed_operations": counts.failed_operations,
            "amplification": counts.amplification,
            "quota_breaches": counts.quota_breaches,
            "duplicates": counts.duplicates,
            "metrics": metrics_of(run.summary, dependency_where(name), run.load_s),
            "report": rest,
        }
    )


def proxies_of(run: Run) -> list[FaultProxy]:
    """Each fault proxy of the plan, in its order."""
    return [
        FaultProxy.model_validate(
            {**(_report(run.proxies, name) or {}), "name": name, "upstream": upstream}
        )
        for name, upstream in run.info.proxies.items()
    ]


def _report(reports: Mapping[str, Mapping[str, Any]] | None, name: str) -> Mapping[str, Any] | None:
    return None if reports is None else reports.get(name)
