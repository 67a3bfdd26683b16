"""What a run holds of secrets, looked at before it begins: of production, expired, too powerful.

Values are looked at and never shown; what a token says of itself is no secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan.secrets.credentials import kinds_in
from wedload.plan.secrets.tokens import TokenFacts, token_facts
from wedload.plan.uses import uses_against

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from wedload.errors import Problem
    from wedload.plan.expressions.expression import Reads
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Target
    from wedload.plan.positions import Path
    from wedload.plan.secrets.credentials import Kind

#: words of a name that say that a value is of production
_OF_PRODUCTION: Final = frozenset({"PROD", "PRODUCTION", "LIVE"})
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Held:
    """A secret that a run reads: what expressions call it, where, and what is known of it."""

    name: str  # env.WEDLOAD_KEY or secrets.key
    path: Path  # of the first expression that reads it
    there: bool
    facts: TokenFacts | None = None  # of a JSON Web Token
    live: Kind | None = None  # by its vendor's own mark
    passes_by: bool = False  # access rules do not hold for it

    @property
    def named_live(self) -> bool:
        """Whether it is of production by its name."""
        name = self.name.partition(".")[2]
        return not _OF_PRODUCTION.isdisjoint(
            _WORDS.sub(" ", name.replace("_", " ")).upper().split()
        )

    @property
    def too_much(self) -> str | None:
        """Why it may do more than a load test needs; None: nothing says so."""
        if self.passes_by:
            return "it passes by the access rules of the whole project"
        if self.facts is None or not self.facts.powerful:
            return None
        return f"it has {', '.join(self.facts.powerful)}"


def held_secrets(
    loaded: LoadedPlan, target: str, env: Mapping[str, str], files: Mapping[str, str]
) -> list[Held]:
    """The secrets that a run against a target reads, in the order of their names."""
    found: dict[str, Held] = {}
    for use in uses_against(loaded.plan, target):
        for name, value in _read(use.reads, env, files):
            if name not in found:
                found[name] = _held(name, use.path, value)
    return [found[name] for name in sorted(found)]


def secret_problems(
    loaded: LoadedPlan, held: Iterable[Held], target: Target, now: datetime
) -> list[Problem]:
    """Why a run against a target must not have these: they are of production, or expired."""
    production = target.environment == "production"
    problems = []
    for one in held:
        message = hint = None
        if one.facts is not None and one.facts.expired(now):
            when = f"{one.facts.expires_at:%Y-%m-%d %H:%M} UTC"
            message = f"{one.name} is a token that expired on {when}"
            hint = "have a new one issued"
        elif not production and one.there and (one.live is not None or one.named_live):
            what = "a credential of production by its name"
            message = f"{one.name} is {what if one.live is None else one.live.what}"
            hint = (
                "a test has credentials of its own;"
                ' if this target is production: environment = "production"'
            )
        if message is not None:
            problems.append(loaded.positions.problem(one.path, message, hint))
    return sorted(problems)


def _read(
    reads: Reads, env: Mapping[str, str], files: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    for name in reads.env | reads.optional_env:
        yield f"env.{name}", env.get(name)
    for name in reads.secrets:
        yield f"secrets.{name}", files.get(name)


def _held(name: str, path: Path, value: str | None) -> Held:
    if value is None:
        return Held(name, path, there=False)
    kinds = kinds_in(value)
    return Held(
        name,
        path,
        there=True,
        facts=token_facts(value),
        live=next((kind for kind in kinds if kind.live), None),
        passes_by=any(kind.passes_by for kind in kinds),
    )
