"""Scopes of channels: where their expressions and templates get their values."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class ChannelScope:
    """Names of a channel: a message, variables of the plan and of set-up, the environment.

    Implements `wedload.plan.expressions.expression.Scope`; `vu` is a subscriber's number, from 1.
    """

    __slots__ = ("addresses", "env", "iteration", "response", "rng", "scenario", "secrets",
                 "stage", "synthetic", "variables", "vu")  # fmt: skip

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        variables: Mapping[str, Any] | None = None,
        addresses: Mapping[str, Mapping[str, Any]] | None = None,
        secrets: Mapping[str, str] | None = None,
        seed: int = 0,
        subscriber: int = 0,
    ) -> None:
        self.env = env
        self.secrets: Mapping[str, str] = secrets or {}
        self.variables: dict[str, Any] = dict(variables or {})
        self.addresses = addresses or {}
        self.response: object | None = None
        self.rng = random.Random(f"{seed}/{subscriber}")  # noqa: S311 - repeatable on purpose
        self.vu = subscriber + 1
        self.iteration = 0
        self.scenario = self.stage = ""
        self.synthetic: Any = None

    def know(
        self,
        of_plan: Iterable[tuple[str, Callable[[Any], Any]]],
        captured: Mapping[str, Any],
    ) -> None:
        """Have the plan's variables, and what set-up captured; one without a value here is not."""
        for name, value in of_plan:
            try:
                self.variables[name] = value(self)
            except EVALUATION_ERRORS:
                self.variables.pop(name, None)  # what reads it says so
        self.variables.update(captured)

    def of_subscriber(self, subscriber: int, seed: int = 0) -> ChannelScope:
        """The same for one subscriber, from 0."""
        return ChannelScope(
            self.env,
            variables=self.variables,
            addresses=self.addresses,
            secrets=self.secrets,
            seed=seed,
            subscriber=subscriber,
        )

    def row(self, feeder: str) -> Mapping[str, Any]:
        """A channel reads no data file: the plan was checked for it."""
        raise KeyError(feeder)
