"""Templates: `${…}` in texts and in JSON."""

from __future__ import annotations

import pickle

import pytest

from wedload.plan.expressions.expression import Expression, ExpressionError
from wedload.plan.expressions.template import JsonTemplate, Template


def parts_of(source):
    return [
        part if isinstance(part, str) else (part.source,) for part in Template.parse(source).parts
    ]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("", []),
        ("text", ["text"]),
        ("${a}", [("a",)]),
        ("${ a }", [("a",)]),
        ("/forms/${id}/submit", ["/forms/", ("id",), "/submit"]),
        ("${a}${b}", [("a",), ("b",)]),
        ("$${a}", ["${a}"]),
        ("x$${a}${b}", ["x${a}", ("b",)]),
        ("$$${a}", ["$${a}"]),
        ("cost: 5$", ["cost: 5$"]),
        ("{a}", ["{a}"]),
        ("${'}'}", [("'}'",)]),
        ("${x['a}b']}!", [("x['a}b']",), "!"]),
        ("${'it\\'s}'}", [("'it\\'s}'",)]),
        ('${"}"}', [('"}"',)]),
        ("${a}}", [("a",), "}"]),
    ],
)
def test_text_is_split_into_literals_and_expressions(source, parts):
    assert parts_of(source) == parts


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("${", "is not closed"),
        ("${a", "is not closed"),
        ("a ${'} b", "is not closed"),
        ("${}", "the expression is empty"),
        ("${a b}", "is not an expression"),
        ("${ {} }", "is not part of the expression language"),
        ("x" * 200 + "${", "xx…"),
    ],
)
def test_wrong_template_is_explained(source, message):
    with pytest.raises(ExpressionError) as raised:
        Template.parse(source)

    assert message in str(raised.value)


def test_text_that_is_one_expression_keeps_the_type_of_its_value():
    assert Template.parse("${a}").whole == Expression.parse("a")
    assert Template.parse("${a}!").whole is None
    assert Template.parse("a").whole is None


def test_text_without_expressions_is_a_literal():
    assert Template.parse("a$${b}").literal == "a${b}"
    assert Template.parse("").literal == ""
    assert Template.parse("${a}").literal is None


def test_template_knows_what_it_reads():
    reads = Template.parse("${a}${env.WEDLOAD_B}${data.c.d}").reads

    assert reads.variables == {"a"}
    assert reads.env == {"WEDLOAD_B"}
    assert reads.columns == {("c", "d")}


def test_json_has_templates_wherever_an_expression_stood():
    value = {"a": ["${x}", "plain", "$${y}"], "${key}": 1, "b": None, "c": True, "d": 1.5}

    template = JsonTemplate.parse(value)

    assert template.value == {
        "a": [Template.parse("${x}"), "plain", "${y}"],
        "${key}": 1, "b": None, "c": True, "d": 1.5,
    }  # fmt: skip
    assert [item.source for item in template.templates()] == ["${x}"]
    assert template.reads.variables == {"x"}


def test_template_survives_pickling():
    template = Template.parse("/forms/${id}")

    copy = pickle.loads(pickle.dumps(template))

    assert copy.parts == template.parts


@pytest.mark.parametrize("source", ["${2s / 4}", "took ${duration}", "${max(duration, 1s)}"])
def test_a_duration_does_not_leave_the_language(source):
    with pytest.raises(ExpressionError, match="is a duration, which only expressions know"):
        Template.parse(source)


def test_its_seconds_do():
    assert Template.parse("${float(duration)}").whole is not None
