"""What is known of values before there are any, and what can therefore never hold.

A number of the language's own that is compared with text in quotes: such a check would be false for
ever, and nobody would be told why. What JSON holds is not known; there everything is possible.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.plan.expressions.language import Kind

#: names of the response and of the virtual user whose kind is known
KIND_OF_NAME: Final[dict[str, Kind]] = {
    "duration": "duration",
    "waiting": "duration",
    "status": "number",
    "row_count": "number",
    "vu": "number",
    "iteration": "number",
}
#: as an ending of messages
GIVES_SECONDS: Final = "float(…) gives its seconds"
_OPERATORS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def never_equal(node: ast.Compare, kinds: Sequence[Kind]) -> str | None:
    """Why a comparison makes no sense, whatever is seen, and what does; None if it may."""
    sides = list(zip((node.left, *node.comparators), kinds, strict=True))
    for ((left, of_left), (right, of_right)), operator in zip(
        pairwise(sides), node.ops, strict=True
    ):
        for one, kind, other in ((left, of_left, right), (right, of_right, left)):
            if kind != "number" or isinstance(one, ast.Constant):
                continue
            for text in _texts(other):
                return _mismatch(ast.unparse(one), text, _OPERATORS[type(operator)], other)
    return None


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts in quotes that something is, or that stand in a list."""
    for item in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value


def _mismatch(number: str, text: str, operator: str, other: ast.expr) -> str:
    if _NUMBER.fullmatch(text) is None:
        return f"{number} is a number, and {text!r} is text"
    meant = text if isinstance(other, ast.Constant) else f"[{text}, …]"
    return f"{number} is a number; write {number} {operator} {meant}"


def without_length(node: ast.expr, kind: Kind) -> str | None:
    """Why something has no length, whatever is seen; None if it may have one."""
    truth = isinstance(node, ast.Compare) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )
    if truth:
        return "true or false has no length; compare the length: len(x) > 0"
    named = kind == "number" and not isinstance(node, ast.Constant)
    return "a number has no length" if named else None
