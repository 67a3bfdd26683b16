"""Short expressions: which are, and that they mean what their closures do."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest

from wedload.plan.expressions.compiler import Compiler
from wedload.plan.expressions.functions import HELPERS
from wedload.plan.expressions.language import EVALUATION_ERRORS
from wedload.plan.expressions.short import Comparison, Path, short
from wedload.plan.expressions.tree import scope_function

PATHS = [
    "x", "vu", "stage", "env.KEY", "status", "json", "json.id", "json['a b']", "json.items[0].name",
    "x.y[1]", "headers['Content-Type']", "cookies['sid']",
]  # fmt: skip
COMPARISONS = [
    "status == 201", "status != 200", "duration < 2s", "duration <= 1ms", "duration > 1s500ms",
    "duration >= 2s", "json.id == 'f-17'", "x == null", "json.items == true", "x < 1",
]  # fmt: skip
LONG = [
    "1", "'text'", "null", "x + 1", "-x", "x[-1]", "x[vu]", "len(json)", "data.users.name",
    "synthetic.email()", "1 < x", "1 < x < 3", "x == y", "x < 1 and vu < 2", "not x", "[x]",
    "'a' in x", "x in [1]", "x == -1", "x if vu else 1", "exists(x)", "env('KEY', 'none')",
]  # fmt: skip
SCOPES = [
    SimpleNamespace(variables={}, response=None, vu=3, stage="hold", env={}),
    SimpleNamespace(
        variables={"x": {"y": [1, 2]}}, vu=1, stage="", env={"KEY": "value"},
        response=SimpleNamespace(
            status=201, duration=1_500_000_000, headers={"content-type": "text/html"},
            cookies={"sid": "1"}, json={"id": "f-17", "a b": 1, "items": [{"name": "n"}]},
        ),
    ),
    SimpleNamespace(
        variables={"x": None}, vu=1, stage="", env={"KEY": ""},
        response=SimpleNamespace(status=0, duration=0, headers={}, cookies={}, json=[1]),
    ),
]  # fmt: skip


def tree_of(source):
    tree, _ = Compiler().compile(source)
    return tree


def closure_of(tree):
    function = ast.fix_missing_locations(ast.Expression(scope_function(tree)))
    return eval(compile(function, "test", "eval"), {"__builtins__": {}, **HELPERS})


def seen(function, scope):
    """The value of an expression, or why it has none."""
    try:
        return function(scope)
    except EVALUATION_ERRORS as error:
        return type(error), str(error)


@pytest.mark.parametrize("source", PATHS)
def test_a_name_and_a_member_are_short(source):
    assert type(short(tree_of(source))) is Path


@pytest.mark.parametrize("source", COMPARISONS)
def test_what_compares_one_with_a_constant_is_short(source):
    assert type(short(tree_of(source))) is Comparison


@pytest.mark.parametrize("source", LONG)
def test_all_else_is_not(source):
    assert short(tree_of(source)) is None


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("source", PATHS + COMPARISONS)
def test_a_short_expression_means_what_its_closure_does(source, scope):
    tree = tree_of(source)
    found = seen(short(tree), scope)
    assert found == seen(closure_of(tree), scope)
    assert isinstance(found, bool) or source not in COMPARISONS or isinstance(found, tuple)
