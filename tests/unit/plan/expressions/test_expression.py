"""The expression language: what each construct means, and what it refers to."""

from __future__ import annotations

import pickle
import re

import pytest

from wedload.plan.expressions.expression import (
    EVALUATION_ERRORS,
    FUNCTIONS,
    SYNTHETIC_FUNCTIONS,
    Expression,
    ExpressionError,
    suggest,
    text_of,
    type_name,
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("1.5", 1.5),
        ("1_000", 1000),
        ("0x1f", 31),
        (".5 + 1e3", 1000.5),
        ("'text'", "text"),
        ('"it\'s"', "it's"),
        (r"'a\tb\\c\x41\u00e9'", "a\tb\\cAé"),
        (r"'\d+\.'", r"\d+\."),
        ("true", True),
        ("false", False),
        ("null", None),
        ("[1, 'a', null]", [1, "a", None]),
        ("(1, 2)", [1, 2]),
        ("[]", []),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("7 / 2", 3.5),
        ("5 - 7", -2),
        ("'a' + 'b'", "ab"),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("1 != 2", True),
        ("2 in [1, 2]", True),
        ("'x' not in 'abc'", True),
        ("true and false", False),
        ("null or 'default'", "default"),
        ("not false", True),
        ("'yes' if status == 201 else 'no'", "yes"),
        ("1\n  + 1", 2),
        ("  1  ", 1),
        ("status", 201),
        ("status == 201", True),
        ("duration < 2s", True),
        ("duration < 1s500ms", False),
        ("duration <= 1500ms", True),
        ("waiting == 1ms", True),
        ("waiting == 1000µs", True),
        ("waiting == 1000\N{GREEK SMALL LETTER MU}s", True),
        ("duration - waiting < 1499001us", True),
        ("duration * 2 == 3s", True),
        ("duration / 3 < 501ms", True),
        ("duration / 1s", 1.5),
        ("float(duration)", 1.5),
        ("min(duration, 1s) == 1s", True),
        ("max(duration, 1s) == 1s", False),
        ("(2s if true else 3s) == 2s", True),
        ("json.id", "f-17"),
        ("json['from']", "couple"),
        ("json.items[1].name", "b"),
        ("json.items[-1]['n']", 2),
        ("json.n * json.price", 7.5),
        ("len(json.items)", 2),
        ("headers['Content-Type']", "application/json"),
        ("headers['Content-' + 'TYPE']", "application/json"),
        ("cookies.session", "s1"),
        ("len(body)", 9),
        ("text[0]", "t"),
        ("form_id", "f-1"),
        ("count + 1", 5),
        ("[vu, iteration, scenario, stage]", [7, 2, "main", "peak"]),
        ("env.WEDLOAD_KEY", "k"),
        ("env('WEDLOAD_KEY')", "k"),
        ("env('WEDLOAD_OTHER', 'x' + 'y')", "xy"),
        ("data.venues.name", "Old Barn"),
        ("data['venues']['guests']", "80"),
        ("int(data.venues.guests) + 1", 81),
        ("synthetic.email()", "a@example.com"),
        ("synthetic.sentence(2)", "w w "),
        ("synthetic.responses(json.items)", 2),
        ("int('12')", 12),
        ("int(2.9)", 2),
        ("float('1.5')", 1.5),
        ("str(1)", "1"),
        ("str(true)", "true"),
        ("str(json.none)", "null"),
        ("str([1, 'a'])", '[1,"a"]'),
        ("lower('AbC')", "abc"),
        ("upper('AbC')", "ABC"),
        ("min(3, 1, 2)", 1),
        ("max([3, 1, 2])", 3),
        (r"regex('token=\"(\w+)\"', text)", "abc123"),
        (r"regex('\w+', 'ab cd')", "ab"),
        ("regex('x(y)?', 'zz')", None),
        ("jmespath('items[?n>`1`].name | [0]', json)", "b"),
        ("jmespath('nope', json)", None),
        ("exists(json.id)", True),
        ("exists(json.nope.deeper)", False),
        ("exists(json.none)", False),
        ("exists(json.n + 'a')", False),
        ("choice(['only'])", "only"),
        ("random(3, 3)", 3),
        ("len(uuid())", 36),
        ("now() > 0", True),
        ("jso\N{FULLWIDTH LATIN SMALL LETTER N}.id", "f-17"),
    ],
)
def test_expression_has_its_value(scope, source, value):
    result = Expression.parse(source).evaluate(scope)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "source",
    [
        "nope",
        "json.nope",
        "json.items[9]",
        "json.n.x",
        "json.id['x']",
        "'abc'.x",
        "1 / 0",
        "1 % 0",
        "1 + 'a'",
        "'a' - 'b'",
        "'ab' * 3",
        "true + 1",
        "-json.id",
        "1 < 'a'",
        "1 in 2",
        "[1] in jmespath('@', json)",
        "int('x')",
        "int(null)",
        "int(1e999)",
        "float('x')",
        "len(5)",
        "lower(5)",
        "upper(null)",
        "regex('a', 5)",
        "regex('a', body)",
        "jmespath('length(@)', 5)",
        "jmespath('sort(@)', json)",
        "min([])",
        "min(5)",
        "max(1, 'a')",
        "choice([])",
        "choice('abc')",
        "random(2, 1)",
        "random('a')",
        "str(body)",
        "env.WEDLOAD_OTHER",
        "data.others.x",
    ],
)
def test_expression_without_a_value_raises_only_evaluation_errors(scope, source):
    expression = Expression.parse(source)

    with pytest.raises(EVALUATION_ERRORS):
        expression.evaluate(scope)


@pytest.mark.parametrize(
    ("source", "values", "reason"),
    [
        ("int(x)", ["a", "b", "12x", ""], "int(): not a number"),
        ("float(x)", ["a", "b", "1,5"], "float(): not a number"),
        ("random(x, 0)", [7, 8], "random(): the lower bound is above the upper one"),
        ("x + 1", ["a", "b"], "text is not a number"),
    ],
)
def test_why_an_expression_has_no_value_does_not_tell_of_values(scope, source, values, reason):
    """Reasons are counted by their text: a new one for each value would hide how often."""
    for value in values:
        scope.variables["x"] = value
        with pytest.raises(EVALUATION_ERRORS) as raised:
            Expression.parse(source).evaluate(scope)
        assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("source", "names", "expected"),
    [
        ("form_id + x.y[z]", "variables", {"form_id", "x", "z"}),
        ("status == 200 and json.a and headers.b", "response", {"status", "json", "headers"}),
        ("exists(json.a) or regex('a', text)", "response", {"json", "text"}),
        ("env.WEDLOAD_A + env('WEDLOAD_B')", "env", {"WEDLOAD_A", "WEDLOAD_B"}),
        ("env('WEDLOAD_A', default)", "optional_env", {"WEDLOAD_A"}),
        ("env('WEDLOAD_A', default)", "variables", {"default"}),
        ("data.venues.name", "columns", {("venues", "name")}),
        ("data['venues']['name']", "columns", {("venues", "name")}),
        ("data.venues", "columns", {("venues", None)}),
        ("data.venues[x]", "columns", {("venues", None)}),
        ("channels.hooks.url", "addresses", {("channels", "hooks", "url")}),
        ("channels['hooks']['url']", "addresses", {("channels", "hooks", "url")}),
        ("channels.hooks", "addresses", {("channels", "hooks", None)}),
        ("dependencies.a.url", "addresses", {("dependencies", "a", "url")}),
        ("proxies['a'].address", "addresses", {("proxies", "a", "address")}),
        (
            "vu + iteration if synthetic.email() else stage",
            "user",
            {"vu", "iteration", "synthetic", "stage"},
        ),
        ("true or null or vu or scenario", "variables", set()),
        ("synthetic.email()", "variables", set()),
    ],
)
def test_what_an_expression_reads_is_known_when_it_is_parsed(source, names, expected):
    assert getattr(Expression.parse(source).reads, names) == expected


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("duration", "duration"),
        ("2s", "duration"),
        ("duration - 1s", "duration"),
        ("2 * 1s", "duration"),
        ("1s / 2", "duration"),
        ("1s / 2s", "number"),
        ("min(1s, 2s)", "duration"),
        ("1s if true else 2s", "duration"),
        ("1", "number"),
        ("len(text)", "number"),
        ("1 * 2", "number"),
        ("1 + 2", "any"),
        ("duration < 2s", "any"),
        ("json.x", "any"),
    ],
)
def test_kind_of_an_expression_is_known_when_it_is_parsed(source, kind):
    assert Expression.parse(source).kind == kind


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "the expression is empty"),
        ("   ", "the expression is empty"),
        ("1 +", "'1 +' is not an expression"),
        ("status = 200", "write == to compare"),
        ("!ok", "write `not`"),
        ("True", "write true, not True"),
        ("None", "write null, not None"),
        ("x is null", "compare with == and !="),
        ("duration < 2", "duration < 2: a duration compares with durations only"),
        ("duration < 1m30s + 5", "1m30s + 5: durations add to durations"),
        ("2s + 1", "durations add to durations"),
        ("2s * 2s", "durations add to durations"),
        ("1 / 2s", "durations add to durations"),
        ("2s // 1s", "durations add to durations"),
        ("-2s", "-2s is not part of the expression language"),
        ("len(2s)", "len() does not take a duration; float(…) gives its seconds"),
        ("min(2s, 1)", "min() does not take a duration"),
        ("2s if true else 1", "both sides must be durations, or neither"),
        ("[2s]", "a list cannot hold durations"),
        ("duration.x", "duration is a duration, which has no members"),
        ("len(text).x", "len(text) is a number, which has no members"),
        ("lenght(text)", "there is no function lenght(); did you mean len?"),
        ("len()", "len() takes 1 arguments, not 0"),
        ("random(1, 2, 3)", "random() takes 0 to 2 arguments, not 3"),
        ("len", "len is a function: write len(…)"),
        ("env", "env is read as env.NAME"),
        ("data[0]", "data is read as data.NAME"),
        ("env(x)", "env takes the name of an environment variable"),
        ("synthetic.email", "synthetic.email is a function: write synthetic.email()"),
        ("synthetic.emial", "there is no function synthetic.emial(); did you mean email?"),
        (
            "secret_file('x')",
            "there is no function secret_file(); write secrets.NAME",
        ),
        ("secrets", "secrets is read as secrets.NAME"),
        ("secrets[0]", "secrets is read as secrets.NAME"),
        ("json.from", ".from cannot be written with a dot; write ['from']"),
        ("json.get('x')", "json.get(…): JSON has no methods"),
        ("regex(pattern, text)", "the first argument of regex() is a literal pattern in quotes"),
        ("regex('(', text)", "regex '(': missing ): ( (RE2 syntax)"),
        (r"regex('(?=a)', text)", "(RE2 syntax)"),
        ("jmespath('a[', json)", "jmespath 'a['"),
        ("json[1:2]", "slices are not part of the expression language"),
        ("json[1, 2]", "slices are not part of the expression language"),
        ("2 ** 3", "** is not part of the expression language"),
        ("(1", "a bracket is not closed: ')' is missing"),
        ("1)", "')' closes nothing"),
        ("(1]", "']' closes nothing"),
        ("'a' 'b'", "two values stand side by side"),
        ("5x", "'5' is not part of the expression language"),
        ("'open", '"\'" is not part of the expression language'),
    ],
)
def test_mistake_is_explained(source, message):
    with pytest.raises(ExpressionError) as raised:
        Expression.parse(source)

    assert message in str(raised.value)


def test_expression_pickles_as_its_source_and_compiles_where_it_is_used(scope):
    expression = Expression.parse("json.n + count")
    assert expression.evaluate(scope) == 7

    copy = pickle.loads(pickle.dumps(expression))

    assert copy == expression
    assert copy.reads == expression.reads
    assert copy.evaluate(scope) == 7


def test_uuid_is_of_version_4_and_repeats_with_its_seed(scope):
    uuid = Expression.parse("uuid()")
    first = uuid.evaluate(scope)
    scope.rng.seed(1)

    assert uuid.evaluate(scope) == first
    assert first[14] == "4"
    assert first[19] in "89ab"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_can_be_called_with_its_fewest_arguments(name):
    fewest, _ = FUNCTIONS[name]
    first = {"regex": "'a'", "jmespath": "'a'", "env": "'WEDLOAD_KEY'"}.get(name, "json")
    arguments = ", ".join([first, "text"][:fewest])

    Expression.parse(f"{name}({arguments})")


@pytest.mark.parametrize("name", sorted(SYNTHETIC_FUNCTIONS))
def test_every_synthetic_function_can_be_written(name):
    fewest, _ = SYNTHETIC_FUNCTIONS[name]

    Expression.parse(f"synthetic.{name}({', '.join(['json'] * fewest)})")


def test_values_stand_in_texts_as_json_spells_them():
    assert [text_of(value) for value in ("a", 1, 1.5, True, None, [1])] == [
        "a", "1", "1.5", "true", "null", "[1]",
    ]  # fmt: skip


def test_types_have_the_names_of_json():
    values = (True, "a", 1, 1.5, None, {}, [], b"")

    assert [type_name(value) for value in values] == [
        "a boolean", "text", "a number", "a number", "null", "an object", "a list", "a value",
    ]  # fmt: skip


def test_suggestion_is_made_only_for_what_is_near():
    assert suggest("stauts", ["status", "json"]) == "; did you mean status?"
    assert suggest("zzz", ["status", "json"]) == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("status == '201'", "status == '201': status is a number; write status == 201"),
        ("'201' != status", "status is a number; write status != 201"),
        ("status in ['200', '201']", "status is a number; write status in [200, …]"),
        ("200 <= status < '300'", "status is a number; write status < 300"),
        ("status == 'ok'", "status is a number, and 'ok' is text"),
        ("iteration > '5'", "iteration is a number; write iteration > 5"),
        ("len(json.items) == '3'", "write len(json.items) == 3"),
        ("len(json.items > 0)", "len(json.items > 0): true or false has no length"),
        ("len(not json.items)", "true or false has no length"),
        ("len(status)", "a number has no length"),
    ],
)
def test_what_can_never_hold_is_refused(source, said):
    with pytest.raises(ExpressionError, match=re.escape(said)):
        Expression.parse(source)


@pytest.mark.parametrize(
    "source", ["json.status == '201'", "'ok' in text", "str(status) == '201'", "len(json) == 3"]
)
def test_what_json_and_texts_hold_is_not_known(source):
    assert Expression.parse(source).source == source


@pytest.mark.parametrize(
    "source", ["duration and true", "duration if duration else 1s", "random(2s)", "not duration",
               "env('WEDLOAD_KEY', 2s)", "synthetic.sentence(2s)", "json[duration]"],
)  # fmt: skip
def test_a_duration_is_never_taken_for_a_number_of_ns(source):
    with pytest.raises(ExpressionError, match="is a duration, and cannot stand here"):
        Expression.parse(source)


def test_whether_there_is_a_duration_can_be_asked(scope):
    assert Expression.parse("exists(duration)").evaluate(scope) is True


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("status = 201", "'status = 201': write == to compare"),
        ("json.total => 1", "'json.total => 1': write >="),
        ("a && b", "'a && b': write `and`"),
        ("a || b", "'a || b': write `or`"),
        ("status === 201", "'status === 201': write =="),
        ("status !== 201", "'status !== 201': write !="),
        ("!ok", "'!ok': write `not`"),
        ("$.id", "'$.id': write names without $, such as json.id"),
        ("status == 2xx", "2xx is no number; write 200 <= status < 300"),
        ("contains(text, 'x')", "there is no function contains(); write 'x' in text"),
        ("json.name.contains('x')", "JSON has no methods; write 'x' in text"),
        ("json.items.size() > 1", "JSON has no methods; write len(x)"),
        ("frobnicate(1)", "there is no function frobnicate(); known: len, min, max"),
        ("a # b", "'a # b': '#' is not part of the expression language"),
    ],
)
def test_habits_of_other_languages_are_answered_with_what_is_written_here(source, said):
    with pytest.raises(ExpressionError, match=re.escape(said)):
        Expression.parse(source)
