"""The expression language of plans: parsed and white-listed once, compiled once to a closure.

It is Python's expression grammar, cut down: comparisons, and/or/not, `a if b else c`, arithmetic
on numbers, indexing, attribute access on JSON, literals (with true, false, null and durations such
as `200ms`), and the functions in `FUNCTIONS`. Nothing in a plan can reach anything but its own
data: see `wedload.plan.expressions.scanner` and `wedload.plan.expressions.compiler`, the two gates.

This module does not know what a plan, a step or a response is: it asks a `Scope` for them.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from wedload.plan.expressions.compiler import Compiler, ast_source
from wedload.plan.expressions.functions import HELPERS
from wedload.plan.expressions.kinds import GIVES_SECONDS
from wedload.plan.expressions.language import (
    EVALUATION_ERRORS,
    FUNCTIONS,
    NAMESPACES,
    RESPONSE_NAMES,
    SYNTHETIC_FUNCTIONS,
    VU_NAMES,
    ExpressionError,
    Kind,
    Reads,
    suggest,
    text_of,
    type_name,
)
from wedload.plan.expressions.short import short
from wedload.plan.expressions.tree import scope_function

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping


class Response(Protocol):
    """What an expression may read of a response."""

    status: int
    duration: int  # ns
    waiting: int  # ns
    headers: Mapping[str, str]  # lower-case names
    cookies: Mapping[str, str]
    body: bytes
    text: str
    json: Any
    # of a `sql` step alone, which has nothing else of these but `duration`
    rows: list[dict[str, Any]]
    row_count: int


class Scope(Protocol):
    """Where an expression's names get their values: a virtual user in its iteration."""

    variables: dict[str, Any]
    vu: int
    iteration: int
    scenario: str
    env: Mapping[str, str]
    secrets: Mapping[str, str]  # of files
    addresses: Mapping[str, Mapping[str, Any]]  # by namespace, then by name
    synthetic: Any
    rng: random.Random

    @property
    def response(self) -> Any:
        """The last response (a `Response`), or None before there is one."""

    @property
    def stage(self) -> str:
        """The stage in force."""

    def row(self, feeder: str) -> Mapping[str, Any]:
        """This iteration's row of a feeder."""


@dataclass(frozen=True)
class Expression:
    """A parsed expression. It pickles as its source; the closure is compiled where it is used."""

    source: str
    reads: Reads = field(compare=False)
    kind: Kind = field(compare=False)

    @staticmethod
    def parse(source: str) -> Expression:
        """Parse and white-list one expression.

        Raises:
            ExpressionError: with a message for the plan's author.
        """
        compiler = Compiler()
        _, kind = compiler.compile(source)
        return Expression(source.strip(), compiler.reads(), kind)

    @cached_property
    def evaluate(self) -> Callable[[Any], Any]:
        """The closure: takes a `Scope`, gives the value, or raises one of `EVALUATION_ERRORS`."""
        compiler = Compiler()
        tree, _ = compiler.compile(self.source)
        if (ready := short(tree)) is not None:
            return ready
        function = ast.fix_missing_locations(ast.Expression(scope_function(tree)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # 'a'.b is odd, and finds nothing
            code = compile(function, f"<plan expression {self.source!r}>", "eval")
        closure: Callable[[Any], Any] = eval(  # noqa: S307 - the tree is made by Compiler alone
            code, {"__builtins__": {}, **HELPERS, **compiler.constants}
        )
        return closure

    def __reduce__(self) -> tuple[Callable[[str], Expression], tuple[str]]:
        return (Expression.parse, (self.source,))


def require_no_duration(expression: Expression) -> None:
    """Raise ExpressionError if a value would leave the language as a bare number of ns."""
    if expression.kind == "duration":
        raise ExpressionError(
            f"`{expression.source}` is a duration, which only expressions know; {GIVES_SECONDS}"
        )


__all__ = [
    "EVALUATION_ERRORS",
    "FUNCTIONS",
    "NAMESPACES",
    "RESPONSE_NAMES",
    "SYNTHETIC_FUNCTIONS",
    "VU_NAMES",
    "Expression",
    "ExpressionError",
    "Kind",
    "Reads",
    "Response",
    "Scope",
    "ast_source",
    "require_no_duration",
    "suggest",
    "text_of",
    "type_name",
]
