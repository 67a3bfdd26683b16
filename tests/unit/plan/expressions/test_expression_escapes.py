"""Attempts to reach Python through `plan/expressions`: refused, or only the plan's data."""

from __future__ import annotations

import sys
import time
import unicodedata

import pytest

from wedload.plan.expressions.expression import EVALUATION_ERRORS, Expression, ExpressionError

REFUSED = [
    "__import__('os')",
    "__import__('os').system('id')",
    "__builtins__",
    "__builtins__['eval']('1')",
    "_add",
    "_exists(1, 2)",
    "_duration(5)",
    "s.__class__",
    "json.__class__",
    "json.__class__.__mro__[1].__subclasses__()",
    "''.__class__",
    "().__class__.__bases__[0]",
    "[].__class__",
    "text.format(json)",
    "'{0.__class__}'.format(json)",
    "'%s' % json.__class__",
    "f'{json.__class__}'",
    "F'{1}'",
    "rf'{1}'",
    "b'bytes'",
    "u'text'",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "open('/etc/passwd')",
    "getattr(json, 'x')",
    "setattr(json, 'x', 1)",
    "globals()",
    "locals()",
    "vars()",
    "dir(json)",
    "type(json)",
    "object()",
    "print(1)",
    "input()",
    "breakpoint()",
    "help()",
    "memoryview(body)",
    "lambda: 1",
    "(lambda x: x)(1)",
    "[x for x in json]",
    "{x for x in json}",
    "{x: 1 for x in json}",
    "(x for x in json)",
    "len(x for x in json)",
    "[*json]",
    "len(*json)",
    "len(**json)",
    "len(x=json)",
    "(x := 1)",
    "x := 1",
    "x = 1",
    "{'a': 1}",
    "{1, 2}",
    "await json",
    "(yield)",
    "(yield json)",
    "import os",
    "from os import path",
    "del json",
    "assert true",
    "1; 2",
    "x\\\n.y",
    "9 ** 9 ** 9",
    "2 << 10000",
    "1 | 2",
    "1 & 2",
    "1 ^ 2",
    "~1",
    "+1",
    "1 @ 2",
    "1j",
    "...",
    "x if y",
    "json[::]",
    "json[1:2, 3]",
    "`id`",
    "$(id)",
    "${x}",
    "json.get('a')",
    "json['get']('a')",
    "synthetic.email.__globals__",
    "synthetic.__class__()",
    "synthetic.email()()",
    "synthetic['email']()",
    "(synthetic).x()",
    "json.items()",
    "str.lower('A')",
    "regex('a' + 'b', text)",
    "jmespath(json, json)",
    "env('PATH' + '')",
    "env[json]",
    "_\N{COMBINING ACUTE ACCENT}",
    "\uff3f\uff3fimport\uff3f\uff3f('os')",
    "json.\N{PRESENTATION FORM FOR VERTICAL LOW LINE}class",
    "\N{MATHEMATICAL BOLD SMALL E}val('1')",
    "\N{FULLWIDTH LATIN SMALL LETTER G}lobals()",
    "l\N{FEMININE ORDINAL INDICATOR}mbda: 1",
    "\N{MATHEMATICAL SANS-SERIF SMALL L}ambda: 1",
    "\N{ARABIC-INDIC DIGIT THREE}",
    "1\u200b+1",
    "\ufeff1",
    "'a'\x00",
    "\x00",
    "#",
    "1 # comment",
    "''' '''",
    "'" + "\\",
]


@pytest.mark.parametrize("source", REFUSED)
def test_attempt_is_refused_when_the_plan_is_read(source):
    with pytest.raises(ExpressionError):
        Expression.parse(source)


def test_no_letter_of_unicode_normalises_to_a_name_that_starts_with_an_underscore():
    turning = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if not 0xD800 <= ord(character) < 0xE000
        and character != "_"
        and unicodedata.normalize("NFKC", character).startswith("_")
    ]
    assert turning, "there are such characters, so the gate matters"

    for character in turning:
        for source in (f"{character}x", f"json.{character}{character}class", f"x{character}"):
            with pytest.raises(ExpressionError):
                Expression.parse(source)


def test_attribute_is_never_looked_up_on_a_python_object():
    class Trap(dict):
        """Any attribute access from an expression would raise."""

        def __getattribute__(self, name):
            if name in {"secret", "keys"}:
                raise AssertionError(name)
            return super().__getattribute__(name)

    scope = type("Scope", (), {"variables": {"x": Trap(secret=1, keys=2)}})()

    assert Expression.parse("[x.secret, x.keys]").evaluate(scope) == [1, 2]


def test_names_of_the_closure_are_not_names_of_the_language():
    scope = type("Scope", (), {"variables": {"s": 1, "variables": 2, "eval": 3}})()

    assert Expression.parse("[s, variables, eval]").evaluate(scope) == [1, 2, 3]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 60 + "1" + ")" * 60,
        "[" * 60 + "]" * 60,
        "x" + "[0]" * 600,
        "x" + ".y" * 600,
        "not " * 400 + "1",
        "- " * 900 + "1",
        "1" + "+1" * 900,
        "1 if 1 else " * 100 + "1",
        "len(" * 300 + "1" + ")" * 300,
        "1" * 2_001,
        "'" + "a" * 3_000 + "'",
        "x" + "()" * 800,
        "(" * 1_999,
    ],
)
def test_deep_or_long_expression_is_refused_at_once(source):
    began = time.perf_counter()

    with pytest.raises(ExpressionError) as raised:
        Expression.parse(source)

    assert time.perf_counter() - began < 5
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    "source",
    [
        " * ".join(["9" * 150] * 12),
        "'ab' * 1000000000",
        "1000000000 * 'ab'",
        "[0] * 1000000000",
        "int('" + "9" * 1_900 + "') * int('" + "9" * 50 + "')",
    ],
)
def test_number_or_text_cannot_be_multiplied_out_of_bounds(source):
    with pytest.raises(EVALUATION_ERRORS):
        Expression.parse(source).evaluate(None)


def test_text_cannot_be_doubled_out_of_bounds():
    scope = type("Scope", (), {"variables": {"x": "a" * 6_000_000}})()

    with pytest.raises(ValueError, match="more than 10,000,000 characters"):
        Expression.parse("x + x").evaluate(scope)


@pytest.mark.parametrize(
    "pattern",
    [
        "[@,@][]|" * 30 + "@",
        " | ".join(["[@,@,@,@][]"] * 8),
        "to_string(" * 20 + "@" + ")" * 20,
    ],
)
def test_query_whose_result_would_explode_is_refused(pattern):
    with pytest.raises(ExpressionError, match="too large"):
        Expression.parse(f"jmespath('{pattern}', json)")


def test_catastrophic_pattern_is_harmless():
    scope = type("Scope", (), {"variables": {"x": "a" * 50_000 + "!"}})()
    began = time.perf_counter()

    assert Expression.parse("regex('^(a+)+$', x)").evaluate(scope) is None
    assert time.perf_counter() - began < 5


def test_closure_has_no_builtins():
    closure = Expression.parse("len('a')").evaluate

    assert closure.__globals__["__builtins__"] == {}
