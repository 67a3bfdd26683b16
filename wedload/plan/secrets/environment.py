"""Secrets of a plan: what it may read of the environment and of files, and what is not there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wedload.errors import PlanError
from wedload.plan.expressions.expression import suggest
from wedload.plan.secrets.files import SecretFileError, read_secret_file
from wedload.plan.secrets.names import is_credential
from wedload.plan.secrets.vault import Vault
from wedload.plan.uses import env_names, uses_against, uses_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from wedload.errors import Problem
    from wedload.plan.draft import Draft
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path as KeyPath

_PREFIX: Final = "WEDLOAD_"
_SHORTEST_PHRASE: Final = 24
_ORDINARY: Final = re.compile(
    r"[A-Za-z]*|\d{1,8}|[A-Za-z]+(?:[-_. ](?:[A-Za-z]+|\d{1,3}))+"  # eu-west-1
    r"|https?://[a-z\d.:-]+/?|[a-z\d-]+(?:\.[a-z\d-]+)*:\d{1,5}|/[\w./-]*"
)


def check_environment(draft: Draft, plan: Plan) -> None:
    """Report environment variables that the plan may not read."""
    if draft.damaged(("secrets",)):
        return
    for use in uses_of(plan):
        for name in sorted(use.reads.env | use.reads.optional_env):
            if not name.startswith(_PREFIX) and name not in plan.secrets.env:
                listed = f'name it {_PREFIX}…, or list it: [secrets] env = ["{name}"]'
                near = suggest(name, plan.secrets.env, lead="did you mean ")
                draft.report(
                    use.path,
                    f"the plan may not read the environment variable {name}",
                    f"{near} else {listed}" if near else listed,
                )


@dataclass(frozen=True, slots=True)
class Environment:
    """What a plan may read of the environment, and the secrets of its files."""

    variables: Vault
    files: Vault = field(default_factory=Vault)
    read: frozenset[str] = frozenset()  # names of variables that an expression does read

    @property
    def hidden(self) -> tuple[str, ...]:
        """Values that no explanation of a failure may show: all that are read."""
        found = self.variables.plain
        return (*(found[name] for name in self.read if name in found), *self.files.plain.values())

    @property
    def certain(self) -> tuple[str, ...]:
        """Those that are secrets for certain, and shown nowhere at all.

        WEDLOAD_STAGE = "staging" is none: that word may also be the name of a target.
        """
        found = self.variables.plain
        names = (name for name in self.read if name in found)
        variables = (found[n] for n in names if is_credential(n) or not is_ordinary(found[n]))
        return (*variables, *self.files.plain.values())


def read_environment(loaded: LoadedPlan, environ: Mapping[str, str], target: str) -> Environment:
    """What a run of a plan gets of the environment and of secret files.

    Raises:
        PlanError: something that it needs is not there, or cannot be used.
    """
    files, problems = secret_files(loaded, environ, target)
    problems += missing_env(loaded, environ, target=target)
    if problems:
        raise PlanError(problems)
    return Environment(Vault(readable(loaded.plan, environ)), Vault(files), env_names(loaded.plan))


def is_ordinary(value: str) -> bool:
    """Whether a value may well stand in any text: a word or two, a number, an address."""
    return len(value) < _SHORTEST_PHRASE and _ORDINARY.fullmatch(value) is not None


def readable(plan: Plan, environ: Mapping[str, str]) -> dict[str, str]:
    """What of the environment a plan may read."""
    listed = set(plan.secrets.env)
    return {name: v for name, v in environ.items() if name.startswith(_PREFIX) or name in listed}


def secret_files(
    loaded: LoadedPlan, environ: Mapping[str, str], target: str, but: Container[str] = ()
) -> tuple[dict[str, str], list[Problem]]:
    """The secrets of files that a run against a target reads, and what is wrong with others.

    Those that `but` names are not looked for.
    """
    found, problems = {}, []
    for name in secret_names(loaded.plan, target):
        if name in but:
            continue
        file = loaded.plan.secrets.secret_file[name]
        try:
            found[name] = read_secret_file(file, loaded.folders, environ)
        except SecretFileError as error:
            path = ("secrets", "secret_file", name)
            problems.append(loaded.positions.problem(path, str(error), error.hint))
    return found, problems


def secret_names(plan: Plan, target: str) -> list[str]:
    """The secrets of files that a run against a target reads."""
    return sorted(frozenset().union(*(use.reads.secrets for use in uses_against(plan, target))))


def absent_secrets(loaded: LoadedPlan, target: str) -> dict[str, str]:
    """The secrets that a run against a target reads and whose files are not there: the files."""
    files, base = loaded.plan.secrets.secret_file, loaded.folders.base
    return {
        name: files[name]
        for name in secret_names(loaded.plan, target)
        if not (base / files[name]).exists()
    }


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
) -> Iterator[tuple[KeyPath, str]]:
    for use in uses_of(plan) if target is None else uses_against(plan, target):
        for name in use.reads.env - environ.keys():
            yield use.path, name
