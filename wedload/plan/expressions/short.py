"""Short expressions – a name, a member of what it holds, either compared with a constant.

Most are, and are evaluated for every request: what they do is here, in code that is compiled ahead
of time, in place of a closure of their own. It means the same as the closure of the same tree.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any, Final

from wedload.plan.expressions.tree import SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Path:
    """What is found at the end of some attributes of the scope, and then some keys."""

    def __init__(self, attributes: list[str], keys: list[Any]) -> None:
        self._attributes = attributes
        self._keys = keys

    def __call__(self, scope: Any) -> Any:
        """The value in a scope."""
        return self.find(scope)

    def find(self, scope: Any) -> Any:
        """The same, for who knows that it is a path."""
        value = scope
        for name in self._attributes:
            value = getattr(value, name)
        for key in self._keys:
            value = value[key]
        return value


class Comparison:
    """What is found on a path, compared with a constant."""

    def __init__(self, path: Path, compare: Callable[[Any, Any], Any], constant: Any) -> None:
        self._path = path
        self._compare = compare
        self._constant = constant

    def __call__(self, scope: Any) -> Any:
        """How it compares in a scope."""
        return self._compare(self._path.find(scope), self._constant)


def short(tree: ast.expr) -> Path | Comparison | None:
    """What evaluates an expression, if that is a short one; `tree` is what it was compiled to."""
    if not isinstance(tree, ast.Compare):
        return _path(tree)
    path, constant = _path(tree.left), tree.comparators[0]
    compare = _COMPARISONS.get(type(tree.ops[0]))
    if (
        path is None
        or compare is None
        or len(tree.ops) > 1
        or not isinstance(constant, ast.Constant)
    ):
        return None
    return Comparison(path, compare, constant.value)


def _path(tree: ast.expr) -> Path | None:
    keys: list[Any] = []
    while isinstance(tree, ast.Subscript):
        if not isinstance(tree.slice, ast.Constant):
            return None
        keys.insert(0, tree.slice.value)
        tree = tree.value
    attributes: list[str] = []
    while isinstance(tree, ast.Attribute):
        attributes.insert(0, tree.attr)
        tree = tree.value
    return Path(attributes, keys) if tree is SCOPE and attributes else None
