"""The trees that expressions are compiled to: what the compiler builds its closures from."""

from __future__ import annotations

import ast
from typing import Final

#: the parameter of every closure
SCOPE: Final = ast.Name("s", ast.Load())


def scope_function(body: ast.expr) -> ast.Lambda:
    """A function of `s`, the scope, that gives the value of a tree."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg("s")], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.Lambda(arguments, body)


def attribute_of(owner: ast.expr, name: str) -> ast.expr:
    """`owner.name`, on objects of our own alone."""
    return ast.Attribute(owner, name, ast.Load())


def item_of(owner: ast.expr, key: ast.expr) -> ast.expr:
    """`owner[key]`."""
    return ast.Subscript(owner, key, ast.Load())


def call_of(function: ast.expr, *args: ast.expr) -> ast.expr:
    """`function(*args)`."""
    return ast.Call(function, list(args), [])


def helper(name: str) -> ast.expr:
    """One of the functions that closures are given."""
    return ast.Name(name, ast.Load())
