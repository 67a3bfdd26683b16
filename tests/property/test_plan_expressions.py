"""For any text: it is an expression or an ExpressionError, and evaluating stays within bounds."""

from __future__ import annotations

import random
from contextlib import suppress
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wedload.plan.benchmark import Requirement
from wedload.plan.distribution import Distribution
from wedload.plan.expressions.expression import EVALUATION_ERRORS, Expression, ExpressionError
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.plan.fields import RequestLine, StatusSet, parse_size_bytes
from wedload.units import (
    format_duration_ns,
    parse_duration_ns,
    parse_rate_per_s,
    parse_ratio,
)

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(SETTINGS, max_examples=400)

#: the pieces of the language and of Python, in any order
WORDS = r"""
json text body headers status duration cookies env data x y vu true false null None
. . . , , ( ) ( ) [ ] [ ] + - * / // % ** == != < <= > >= = := : ! and or not in is if else
lambda for await yield len min max int float str lower upper regex jmespath exists now uuid
random choice synthetic email WEDLOAD_A venues name 1 0 -1 2.5 1e999 0x1f 9999999999999 2s 200ms
1m30s 'a' "b" '' '1' '(a+)+' '[*]' '[@,@][]' '\d' _x __class__ items get ${ } { ~ @ ; \
"""
PIECES = st.sampled_from(WORDS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=6,
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=14).map(" ".join),
    st.lists(PIECES, max_size=8).map("".join),
)


FUNCTIONS_OF_ONE = ["len", "int", "float", "str", "lower", "upper", "exists", "min", "choice"]


def grown(inner):
    """Valid expressions, grown from smaller ones."""
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "!=", "<", "in", "and", "or"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["x", "a", "id"])).map(lambda t: f"({t[0]}).{t[1]}"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}[{t[1]}]"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(
            st.sampled_from(FUNCTIONS_OF_ONE),
            inner,
        ).map(lambda t: f"{t[0]}({t[1]})"),
        inner.map(lambda e: f"regex('(a|b)+', {e})"),
        inner.map(lambda e: f"jmespath('[*].x || sort(@)', {e})"),
        inner.map(lambda e: f"(not {e})"),
    )


LEAVES = st.sampled_from(
    ["json", "x", "y", "text", "status", "body", "headers", "1", "0", "-3", "1.5", "1e308", "'a'",
     "'12'", "true", "null", "data.venues", "2s", "duration"]
)  # fmt: skip
VALID = st.recursive(LEAVES, grown, max_leaves=10)


def scope_of(json, x):
    return SimpleNamespace(
        variables={"x": x, "y": [x, json]},
        vu=1, iteration=2, scenario="main", stage="peak", env={"WEDLOAD_A": "a"},
        rng=random.Random(1), row=lambda _feeder: {"name": "Old Barn"},
        synthetic=SimpleNamespace(email=lambda: "a@example.com"),
        response=SimpleNamespace(
            status=200, duration=5, waiting=1, headers={"a": "b"}, cookies={}, body=b"x", text="x",
            json=json,
        ),
    )  # fmt: skip


@MANY
@given(TEXTS)
def test_any_text_is_an_expression_or_an_expression_error(text):
    try:
        expression = Expression.parse(text)
    except ExpressionError:
        return
    assert callable(expression.evaluate)


@MANY
@given(st.one_of(VALID, TEXTS), JSON, JSON)
def test_evaluating_raises_nothing_but_evaluation_errors(text, json, x):
    try:
        expression = Expression.parse(text)
    except ExpressionError:
        return
    with suppress(EVALUATION_ERRORS):
        expression.evaluate(scope_of(json, x))


@SETTINGS
@given(VALID)
def test_valid_expression_is_not_refused_for_its_shape(text):
    message = ""
    try:
        Expression.parse(text)
    except ExpressionError as error:
        message = str(error)

    # what is refused is never its shape, but values that cannot be meant
    assert not message or any(word in message for word in ("duration", "members", "length"))


@SETTINGS
@given(st.text(max_size=40))
def test_text_in_quotes_is_itself(text):
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"

    assert Expression.parse(quoted).evaluate(None) == text


@MANY
@given(
    st.one_of(TEXTS, st.lists(st.sampled_from(["${", "$${", "}", "'", "a", "x.y"])).map("".join))
)
def test_any_text_is_a_template_or_an_expression_error(text):
    try:
        template = Template.parse(text)
    except ExpressionError:
        return
    assert template.source == text
    if "${" not in text:
        assert (template.literal or "") == text


@SETTINGS
@given(JSON)
def test_any_json_is_a_json_template_or_an_expression_error(value):
    with suppress(ExpressionError):
        assert list(JsonTemplate.parse(value).templates()) == []


@SETTINGS
@given(st.text("ab$", max_size=20))
def test_literal_text_survives_escaping(text):
    assert Template.parse(text + "$${x}").literal == text + "${x}"


PARSERS = [
    Distribution.parse, Requirement.parse, RequestLine.parse, StatusSet.parse, parse_size_bytes,
    parse_duration_ns, parse_rate_per_s, parse_ratio, Template.parse,
]  # fmt: skip
ALMOST = """
http_req_duration checks vus { } step = 'a' , : p95 p0 rate count < == 1s 5 % 9e9 99.9%
uniform( lognormal( 0s p50= 1h ) GET / ${ 2xx 64MB 10/s 1m30s 99999999999999999999 inf nan ٣
"""
NEAR = st.lists(st.sampled_from(ALMOST.split()), max_size=8)


@MANY
@given(
    st.sampled_from(PARSERS), st.one_of(st.text(max_size=30), NEAR.map("".join), NEAR.map(" ".join))
)
def test_any_text_is_understood_or_a_value_error(parse, text):
    with suppress(ValueError):
        parse(text)


@SETTINGS
@given(st.integers(0, 10**21))
def test_duration_written_and_read_again_is_the_same(duration_ns):
    assert parse_duration_ns(format_duration_ns(duration_ns)) == duration_ns


@SETTINGS
@given(
    st.sampled_from(["{}", "uniform(0s, {})", "normal({}, 1s)", "exponential({})"]),
    st.integers(0, 10**15),
)
def test_distribution_written_and_read_again_is_the_same(shape, duration_ns):
    distribution = Distribution.parse(shape.format(format_duration_ns(duration_ns)))

    assert Distribution.parse(str(distribution)) == distribution
    assert distribution.draw_ns(random.Random(1)) >= 0
