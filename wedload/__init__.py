"""wedload: a load orchestrator. TOML plans in, one verdict out.

The public API, loaded when first used so that each process imports only what it needs:
`load_plan`, `run_plan`, `RunOptions`, `Plan`, `Run`, `Verdict`, `WedloadError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wedload.about import __version__, is_compiled

if TYPE_CHECKING:
    from wedload.errors import WedloadError
    from wedload.plan.loader import load_plan
    from wedload.plan.model import Plan
    from wedload.results.run import Run
    from wedload.run.options import RunOptions
    from wedload.run.session import run_plan
    from wedload.verdict.model import Verdict

__all__ = [
    "Plan", "Run", "RunOptions", "Verdict", "WedloadError", "__version__", "is_compiled",
    "load_plan", "run_plan",
]  # fmt: skip

_HOMES = {
    "Plan": "wedload.plan.model",
    "Run": "wedload.results.run",
    "RunOptions": "wedload.run.options",
    "Verdict": "wedload.verdict.model",
    "WedloadError": "wedload.errors",
    "load_plan": "wedload.plan.loader",
    "run_plan": "wedload.run.session",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wedload' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when something is asked for

    return getattr(import_module(_HOMES[name]), name)
