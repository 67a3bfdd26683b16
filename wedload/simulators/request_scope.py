"""Where expressions over a request get their values: `operation`, and templates of routes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from wedload.plan.expressions.expression import text_of
from wedload.plan.expressions.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.simulators.request import Request


class RequestScope:
    """Names of a request; there are no variables, no virtual user and no data.

    Implements `wedload.plan.expressions.expression.Scope`.
    """

    __slots__ = ("addresses", "env", "iteration", "response", "rng", "scenario", "secrets",
                 "stage", "synthetic", "variables", "vu")  # fmt: skip

    def __init__(self, env: Mapping[str, str], rng: random.Random | None = None) -> None:
        self.env = env
        self.secrets: Mapping[str, str] = {}  # nor these
        self.variables: dict[str, Any] = {}
        self.addresses: Mapping[str, Mapping[str, Any]] = {}
        self.response: Request | None = None  # what is called a response elsewhere: what is read
        self.rng = rng or random.Random(0)  # noqa: S311 - repeatable on purpose
        self.vu = self.iteration = 0
        self.scenario = self.stage = ""
        self.synthetic: Any = None

    def row(self, feeder: str) -> Mapping[str, Any]:
        """A third party reads no data file."""
        raise KeyError(feeder)


def filled(value: Any, scope: RequestScope) -> Any:
    """A JSON value whose templates have their values.

    Raises:
        One of `EVALUATION_ERRORS`: the request does not have what a template reads.
    """
    if isinstance(value, Template):
        whole = value.whole
        return whole.evaluate(scope) if whole is not None else filled_text(value, scope)
    if isinstance(value, dict):
        return {key: filled(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, scope) for item in value]
    return value


def filled_text(template: Template, scope: RequestScope) -> str:
    """A text whose templates have their values; raises as `filled`."""
    return "".join(
        part if isinstance(part, str) else text_of(part.evaluate(scope)) for part in template.parts
    )
