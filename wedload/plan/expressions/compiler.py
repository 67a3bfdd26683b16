"""White-listed nodes of Python's tree to a tree of our own: the second gate.

Attribute access becomes a dictionary look-up and never `getattr`; a name becomes a look-up in the
virtual user's variables and never in Python's globals; an operator becomes a call of a function
that checks its operands. What has no visitor here does not exist.

The file is long because it is one visitor: a method for each kind of node, and no node elsewhere.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final

from wedload.plan.expressions.functions import compile_jmespath, compile_regex
from wedload.plan.expressions.kinds import (
    GIVES_SECONDS,
    KIND_OF_NAME,
    never_equal,
    without_length,
)
from wedload.plan.expressions.language import (
    FUNCTIONS,
    FUNCTIONS_TO_COME,
    MEANT_METHODS,
    NAMESPACES,
    PLACES,
    RESPONSE_NAMES,
    RUN_MEMBERS,
    SYNTHETIC_FUNCTIONS,
    TRACING_MEMBERS,
    VU_NAMES,
    ExpressionError,
    Kind,
    Reads,
    shortened,
    suggest,
)
from wedload.plan.expressions.scanner import DURATION_CALL, MOST_NESTED, rewrite
from wedload.plan.expressions.tree import (
    SCOPE,
    attribute_of,
    call_of,
    helper,
    item_of,
    scope_function,
)
from wedload.plan.not_yet import not_driven
from wedload.units import NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARISONS: Final = (
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
)  # fmt: skip
_ARITHMETIC: Final[dict[type[ast.operator], str]] = {
    ast.Add: "_add",
    ast.Sub: "_sub",
    ast.Mult: "_mul",
    ast.Div: "_div",
    ast.FloorDiv: "_floordiv",
    ast.Mod: "_mod",
}
_CONSTANTS: Final = {"true": True, "false": False, "null": None}


class Compiler:
    """Turns one expression into a tree over `s` (the scope), noting what it reads."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._variables: set[str] = set()
        self._response: set[str] = set()
        self._env: set[str] = set()
        self._optional_env: set[str] = set()
        self._columns: set[tuple[str, str | None]] = set()
        self._addresses: set[tuple[str, str, str | None]] = set()
        self._user: set[str] = set()
        self._secrets: set[str] = set()
        self._depth = 0

    def reads(self) -> Reads:
        """All that the compiled expression refers to."""
        return Reads(
            frozenset(self._variables),
            frozenset(self._response),
            frozenset(self._env),
            frozenset(self._optional_env),
            frozenset(self._columns),
            frozenset(self._addresses),
            frozenset(self._user),
            frozenset(self._secrets),
        )

    def compile(self, source: str) -> tuple[ast.expr, Kind]:
        """The tree of an expression, and the kind of its value.

        Raises:
            ExpressionError: it is not in the language.
        """
        text = rewrite(source)
        if not text:
            raise ExpressionError("the expression is empty")
        try:
            tree = ast.parse(text, mode="eval").body
            return self._visit(tree)
        except SyntaxError as error:
            raise ExpressionError(
                f"{shortened(source.strip())!r} is not an expression: {error.msg}"
            ) from None
        except (RecursionError, MemoryError):
            raise ExpressionError("the expression is nested too deeply") from None

    def _visit(self, node: ast.expr) -> tuple[ast.expr, Kind]:
        visitor = _VISITORS.get(type(node))
        if visitor is None:
            what = type(node).__name__
            raise ExpressionError(
                _REFUSED.get(what, f"{what} is not part of the expression language")
            )
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise ExpressionError(f"the expression is nested more than {MOST_NESTED} levels deep")
        visited = visitor(self, node)
        self._depth -= 1
        return visited

    def _value(self, node: ast.expr) -> ast.expr:
        """The tree of what is used as it is: a duration would be a number of ns there."""
        tree, kind = self._visit(node)
        if kind == "duration":
            raise ExpressionError(
                f"{ast_source(node)} is a duration, and cannot stand here; {GIVES_SECONDS}"
            )
        return tree

    def constant(self, node: ast.Constant) -> tuple[ast.expr, Kind]:
        """A number or a text."""
        value = node.value
        if isinstance(value, bool) or value is None:
            python = {True: "true", False: "false", None: "null"}[value]
            raise ExpressionError(f"write {python}, not {value}")
        if not isinstance(value, int | float | str):
            raise ExpressionError(
                f"{ast.unparse(node)} is not a literal of the expression language"
            )
        return ast.Constant(value), "any" if isinstance(value, str) else "number"

    def name(self, node: ast.Name) -> tuple[ast.expr, Kind]:
        """A value of the response, of the virtual user, or a variable."""
        name = node.id
        if name in _CONSTANTS:
            return ast.Constant(_CONSTANTS[name]), "any"
        if name in RESPONSE_NAMES:
            self._response.add(name)
            tree = attribute_of(attribute_of(SCOPE, "response"), name)
            return tree, KIND_OF_NAME.get(name, "any")
        if name in VU_NAMES:
            self._user.add(name)
            return attribute_of(SCOPE, name), KIND_OF_NAME.get(name, "any")
        if name in NAMESPACES:
            raise ExpressionError(f"{name} is read as {name}.NAME")
        if name in FUNCTIONS:
            raise ExpressionError(f"{name} is a function: write {name}(…)")
        self._variables.add(name)
        return item_of(attribute_of(SCOPE, "variables"), ast.Constant(name)), "any"

    def attribute(self, node: ast.Attribute) -> tuple[ast.expr, Kind]:
        """`a.b`: a member of JSON."""
        return self._member(node.value, ast.Constant(node.attr))

    def subscript(self, node: ast.Subscript) -> tuple[ast.expr, Kind]:
        """`a['b']` or `a[0]`: a member of JSON."""
        if isinstance(node.slice, ast.Slice | ast.Tuple):
            raise ExpressionError("slices are not part of the expression language")
        return self._member(node.value, node.slice)

    def _member(self, owner: ast.expr, key: ast.expr) -> tuple[ast.expr, Kind]:
        literal = key.value if isinstance(key, ast.Constant) else None
        if isinstance(owner, ast.Name) and owner.id in NAMESPACES:
            return self._of_namespace(owner.id, literal)
        if isinstance(owner, ast.Name) and owner.id == "headers":
            self._response.add("headers")
            name = (
                ast.Constant(literal.lower())
                if isinstance(literal, str)
                else call_of(helper("_lower"), self._value(key))
            )
            return item_of(attribute_of(attribute_of(SCOPE, "response"), "headers"), name), "any"
        value, kind = self._visit(owner)
        if kind != "any":
            raise ExpressionError(f"{ast_source(owner)} is a {kind}, which has no members")
        if literal is not None:
            self._note_member(owner, str(literal))
        return item_of(value, self._value(key)), "any"

    def _note_member(self, owner: ast.expr, member: str) -> None:
        """Note which column, or which address, is read of `data.NAME` or `channels.NAME`."""
        if (of := _owned(owner, "data")) is not None:
            self._columns.discard((of, None))
            self._columns.add((of, member))
        for namespace in PLACES:
            if (of := _owned(owner, namespace)) is not None:
                self._addresses.discard((namespace, of, None))
                self._addresses.add((namespace, of, member))

    def _of_namespace(self, namespace: str, name: Any) -> tuple[ast.expr, Kind]:
        if not isinstance(name, str):
            raise ExpressionError(f"{namespace} is read as {namespace}.NAME")
        if namespace == "env":
            return self._environment(name, None)
        if namespace == "secrets":
            self._secrets.add(name)
            return item_of(attribute_of(SCOPE, "secrets"), ast.Constant(name)), "any"
        if namespace == "data":
            self._columns.add((name, None))
            return call_of(attribute_of(SCOPE, "row"), ast.Constant(name)), "any"
        if namespace == "run" and name not in RUN_MEMBERS:
            known = ", ".join(f"run.{one}" for one in sorted(RUN_MEMBERS))
            raise ExpressionError(f"a run has no `{name}`; known: {known}")
        if namespace == "tracing" and name not in TRACING_MEMBERS:
            known = ", ".join(f"tracing.{one}" for one in sorted(TRACING_MEMBERS))
            raise ExpressionError(f"tracing has no `{name}`; known: {known}")
        if namespace in {"run", "tracing"} or namespace in PLACES:
            self._addresses.add((namespace, name, None))
            places = item_of(attribute_of(SCOPE, "addresses"), ast.Constant(namespace))
            return item_of(places, ast.Constant(name)), "any"
        self._arity(f"synthetic.{name}", SYNTHETIC_FUNCTIONS, name, None)
        raise ExpressionError(f"synthetic.{name} is a function: write synthetic.{name}()")

    def _environment(self, name: Any, default: ast.expr | None) -> tuple[ast.expr, Kind]:
        if not isinstance(name, str):
            raise ExpressionError("env takes the name of an environment variable: env.WEDLOAD_KEY")
        environment = attribute_of(SCOPE, "env")
        if default is None:
            self._env.add(name)
            return item_of(environment, ast.Constant(name)), "any"
        self._optional_env.add(name)
        return call_of(attribute_of(environment, "get"), ast.Constant(name), default), "any"

    def call(self, node: ast.Call) -> tuple[ast.expr, Kind]:
        """A function of the language, or of `synthetic`."""
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise ExpressionError("functions take plain arguments, without names or stars")
        if isinstance(node.func, ast.Attribute) and _is_name(node.func.value, "synthetic"):
            name = node.func.attr
            self._arity(f"synthetic.{name}", SYNTHETIC_FUNCTIONS, name, len(node.args))
            self._user.add("synthetic")
            generator = attribute_of(attribute_of(SCOPE, "synthetic"), name)
            return call_of(generator, *map(self._value, node.args)), "any"
        if not isinstance(node.func, ast.Name):
            meant = MEANT_METHODS.get(getattr(node.func, "attr", ""))
            hint = f"; write {meant}" if meant is not None else ""
            raise ExpressionError(f"{ast_source(node.func)}(…): JSON has no methods{hint}")
        name = node.func.id
        if name == DURATION_CALL:
            return node.args[0], "duration"
        self._arity(name, FUNCTIONS, name, len(node.args))
        return self._function(name, node.args)

    @staticmethod
    def _arity(shown: str, table: dict[str, tuple[int, int]], name: str, given: int | None) -> None:
        if name in FUNCTIONS_TO_COME:
            raise ExpressionError(not_driven(f"{name}()"))
        if name not in table:
            meant = MEANT_METHODS.get(name) if table is FUNCTIONS else None
            hint = f"; write {meant}" if meant is not None else suggest(name, table)
            listed = hint or f"; known: {', '.join(table)}"
            raise ExpressionError(f"there is no function {shown}(){listed}")
        fewest, most = table[name]
        if given is not None and not fewest <= given <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ExpressionError(f"{shown}() takes {wanted} arguments, not {given}")

    def _function(self, name: str, args: list[ast.expr]) -> tuple[ast.expr, Kind]:
        if name == "env":
            literal = args[0].value if isinstance(args[0], ast.Constant) else None
            return self._environment(literal, self._value(args[1]) if len(args) > 1 else None)
        if name == "exists":
            asked, _ = self._visit(args[0])
            return call_of(helper("_exists"), scope_function(asked), SCOPE), "any"
        if name in {"regex", "jmespath"}:
            return self._pattern(name, args), "any"
        if name in {"uuid", "random", "choice"}:
            rng = attribute_of(SCOPE, "rng")
            return call_of(helper(f"_{name}"), rng, *map(self._value, args)), "any"
        values = [self._visit(arg) for arg in args]
        kinds = {kind for _, kind in values}
        trees = [tree for tree, _ in values]
        if "duration" in kinds:
            return self._of_durations(name, trees, kinds)
        if name == "len" and (problem := without_length(args[0], *kinds)) is not None:
            raise ExpressionError(f"len({ast_source(args[0])}): {problem}")
        kind: Kind = "number" if name in {"len", "int", "float", "now"} else "any"
        return call_of(helper(f"_{name}"), *trees), kind

    @staticmethod
    def _of_durations(name: str, trees: list[ast.expr], kinds: set[Kind]) -> tuple[ast.expr, Kind]:
        if name == "float":  # a duration as a number of seconds
            return ast.BinOp(trees[0], ast.Div(), ast.Constant(NS_PER_S)), "number"
        if name in {"min", "max"} and kinds == {"duration"} and len(trees) > 1:
            return call_of(helper(f"_{name}"), *trees), "duration"
        raise ExpressionError(f"{name}() does not take a duration; {GIVES_SECONDS}")

    def _pattern(self, name: str, args: list[ast.expr]) -> ast.expr:
        pattern = args[0].value if isinstance(args[0], ast.Constant) else None
        if not isinstance(pattern, str):
            raise ExpressionError(f"the first argument of {name}() is a literal pattern in quotes")
        key = f"_{name}_{len(self.constants)}"
        self.constants[key] = (
            compile_regex(pattern) if name == "regex" else compile_jmespath(pattern)
        )
        return call_of(helper(key), self._value(args[1]))

    def compare(self, node: ast.Compare) -> tuple[ast.expr, Kind]:
        """`a < b <= c`; a duration compares with durations."""
        for operator in node.ops:
            if not isinstance(operator, _COMPARISONS):
                raise ExpressionError("this comparison is not part of the expression language")
            if isinstance(operator, ast.Is | ast.IsNot):
                raise ExpressionError("compare with == and !=, not with `is`")
        sides = [self._visit(side) for side in (node.left, *node.comparators)]
        kinds = {kind for _, kind in sides}
        if "duration" in kinds and kinds != {"duration"}:
            raise ExpressionError(
                f"{ast_source(node)}: a duration compares with durations only, such as 2s or 200ms"
            )
        if (problem := never_equal(node, [kind for _, kind in sides])) is not None:
            raise ExpressionError(f"{ast_source(node)}: {problem}")
        trees = [tree for tree, _ in sides]
        return ast.Compare(trees[0], node.ops, trees[1:]), "any"

    def boolean(self, node: ast.BoolOp) -> tuple[ast.expr, Kind]:
        """`a and b`, `a or b`."""
        return ast.BoolOp(node.op, [self._value(value) for value in node.values]), "any"

    def unary(self, node: ast.UnaryOp) -> tuple[ast.expr, Kind]:
        """`not a`, `-a`."""
        if isinstance(node.op, ast.Not):
            return ast.UnaryOp(ast.Not(), self._value(node.operand)), "any"
        value, kind = self._visit(node.operand)
        if not isinstance(node.op, ast.USub) or kind == "duration":
            raise ExpressionError(f"{ast_source(node)} is not part of the expression language")
        return call_of(helper("_sub"), ast.Constant(0), value), "number"

    def conditional(self, node: ast.IfExp) -> tuple[ast.expr, Kind]:
        """`a if test else b`."""
        body, kind = self._visit(node.body)
        other, other_kind = self._visit(node.orelse)
        if (kind == "duration") != (other_kind == "duration"):
            raise ExpressionError(f"{ast_source(node)}: both sides must be durations, or neither")
        tree = ast.IfExp(self._value(node.test), body, other)
        return tree, kind if kind == other_kind else "any"

    def sequence(self, node: ast.List | ast.Tuple) -> tuple[ast.expr, Kind]:
        """`[a, b]`."""
        items = [self._visit(item) for item in node.elts]
        if any(kind == "duration" for _, kind in items):
            raise ExpressionError("a list cannot hold durations; float(…) gives their seconds")
        return ast.List([tree for tree, _ in items], ast.Load()), "any"

    def arithmetic(self, node: ast.BinOp) -> tuple[ast.expr, Kind]:
        """`a + b` and its like, on numbers; durations keep their unit."""
        function = _ARITHMETIC.get(type(node.op))
        if function is None:
            raise ExpressionError(f"{ast_source(node)}: only + - * / // % are known, on numbers")
        left, left_kind = self._visit(node.left)
        right, right_kind = self._visit(node.right)
        tree = call_of(helper(function), left, right)
        kinds = (left_kind, right_kind)
        if "duration" not in kinds:
            return tree, "any" if isinstance(node.op, ast.Add) else "number"
        both = kinds == ("duration", "duration")
        if isinstance(node.op, ast.Add | ast.Sub) and both:
            return tree, "duration"
        if isinstance(node.op, ast.Mult) and not both:
            return tree, "duration"
        if isinstance(node.op, ast.Div) and left_kind == "duration":
            return tree, "number" if both else "duration"
        raise ExpressionError(
            f"{ast_source(node)}: durations add to durations, and multiply or divide by numbers"
        )


_VISITORS: Final[dict[type[ast.expr], Callable[[Compiler, Any], tuple[ast.expr, Kind]]]] = {
    ast.Constant: Compiler.constant,
    ast.Name: Compiler.name,
    ast.Attribute: Compiler.attribute,
    ast.Subscript: Compiler.subscript,
    ast.Call: Compiler.call,
    ast.Compare: Compiler.compare,
    ast.BoolOp: Compiler.boolean,
    ast.UnaryOp: Compiler.unary,
    ast.IfExp: Compiler.conditional,
    ast.List: Compiler.sequence,
    ast.Tuple: Compiler.sequence,
    ast.BinOp: Compiler.arithmetic,
}
_REFUSED: Final = {
    "Lambda": "lambda is not part of the expression language",
    "JoinedStr": "f-strings are not part of the expression language; use ${…} templates",
    "Dict": "objects are written in TOML, not in expressions",
    "Set": "sets are not part of the expression language",
    "NamedExpr": "assignments are not part of the expression language; use let",
    "ListComp": "comprehensions are not part of the expression language",
    "GeneratorExp": "comprehensions are not part of the expression language",
    "Await": "await is a verb of a step, not of an expression",
}


def ast_source(node: ast.expr) -> str:
    """The user's own text of a node, near enough: durations are shown as durations again."""
    text = ast.unparse(node)
    text = re.sub(rf"{DURATION_CALL}\((\d+)\)", lambda m: format_duration_ns(int(m[1])), text)
    return shortened(text)


def _owned(node: ast.expr, namespace: str) -> str | None:
    """What `data.NAME` or `data['NAME']` reads of a namespace: NAME."""
    if isinstance(node, ast.Attribute) and _is_name(node.value, namespace):
        return node.attr
    if isinstance(node, ast.Subscript) and _is_name(node.value, namespace):
        key = node.slice
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
    return None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
