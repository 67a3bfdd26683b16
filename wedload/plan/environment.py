"""Environment variables of a plan: which it may read, and which of them are not set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.errors import PlanError
from wedload.plan.uses import uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.errors import Problem
    from wedload.plan.draft import Draft
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path

_PREFIX: Final = "WEDLOAD_"


def check_environment(draft: Draft, plan: Plan) -> None:
    """Report environment variables that the plan may not read."""
    if draft.damaged(("secrets",)):
        return
    for use in uses_of(plan):
        for name in sorted(use.reads.env | use.reads.optional_env):
            if not name.startswith(_PREFIX) and name not in plan.secrets.env:
                draft.report(
                    use.path,
                    f"the plan may not read the environment variable {name}",
                    f'name it {_PREFIX}…, or list it: [secrets] env = ["{name}"]',
                )


@dataclass(frozen=True, slots=True)
class Environment:
    """What a plan may read of the environment, and the values that it does read."""

    variables: dict[str, str]
    secrets: tuple[str, ...]


def read_environment(loaded: LoadedPlan, environ: Mapping[str, str], target: str) -> Environment:
    """What a run of a plan gets of the environment.

    Raises:
        PlanError: something that it needs is not set.
    """
    problems = missing_env(loaded, environ, target=target)
    if problems:
        raise PlanError(problems)
    read = {name for use in uses_of(loaded.plan) for name in use.reads.env | use.reads.optional_env}
    listed = set(loaded.plan.secrets.env)
    return Environment(
        {name: v for name, v in environ.items() if name.startswith(_PREFIX) or name in listed},
        tuple(environ[name] for name in read if name in environ),
    )


def missing_env(
    loaded: LoadedPlan, environ: Mapping[str, str], *, target: str | None = None
) -> list[Problem]:
    """What the plan reads of the environment without a default and is not set, each with its place.

    With a `target`, what only other targets need is not asked for.
    """
    problems = set()
    for path, name in _unset(loaded.plan, environ, target):
        message = f"the environment variable {name} is not set"
        hint = f"export {name}=…, or give it a default: env('{name}', '…')"
        problems.add(loaded.positions.problem(path, message, hint))
    return sorted(problems)


def unset_names(plan: Plan, environ: Mapping[str, str], target: str) -> list[str]:
    """The environment variables that a run against a target needs and that are not set."""
    return sorted({name for _, name in _unset(plan, environ, target)})


def _unset(
    plan: Plan, environ: Mapping[str, str], target: str | None
) -> Iterator[tuple[Path, str]]:
    for use in uses_of(plan):
        if target is None or _concerns(use.path, target, plan):
            for name in use.reads.env - environ.keys():
                yield use.path, name


def _concerns(path: Path, target: str, plan: Plan) -> bool:
    """Whether what stands at a place of a plan has a part in a run against a target."""
    if path == ("http", "proxy"):
        return plan.targets[target].proxy is None
    return path[0] != "targets" or path[1] == target
