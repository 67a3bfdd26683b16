"""Templates to bytes: what is escaped where, what is refused, and what is a constant."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

import orjson
import pytest

from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.workload.render import header_renderer, target_renderer, url_renderer
from wedload.workload.render_bodies import body_renderer, form_renderer, json_renderer
from wedload.workload.render_parts import joined, json_value, value_of

AWKWARD = [
    "plain", "a/b", "a b", "a+b", "a?b=c&d", "100%", "%2F", "ä€😀", "../..", "#x", "a;b=c", "\r\n",
    "", "'\"<>", "\x00", "a\\b",
]  # fmt: skip


def fields(**values):
    return [(name, Template.parse(text)) for name, text in values.items()]


def rendered(renderer, scope):
    return renderer if isinstance(renderer, bytes) else renderer(scope)


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_in_a_path_stays_one_segment(value, scope):
    target = target_renderer(Template.parse("/forms/${x}/submit"))(scope(x=value))
    before, inside, after = target.split(b"/")[1:]
    assert (before, after) == (b"forms", b"submit")
    assert unquote(inside.decode("ascii")) == value
    assert not set(inside) & set(b"/?#& \r\n+")


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_in_a_query_is_read_back_as_it_was(value, scope):
    target = target_renderer(Template.parse("/s?q=${x}&page=2"))(scope(x=value))
    query = target.decode("ascii").partition("?")[2]
    assert parse_qsl(query, keep_blank_values=True) == [("q", value), ("page", "2")]


@pytest.mark.parametrize("value", AWKWARD)
@pytest.mark.parametrize("path", ["/s", "/s?fixed=1"])
def test_a_query_map_is_read_back_as_it_was(path, value, scope):
    template = Template.parse(path)
    renderer = target_renderer(template, fields(**{"k ä&": "${x}", "both": "a b&${x}=c", "n": "1"}))
    target = rendered(renderer, scope(x=value)).decode("ascii")
    got = parse_qsl(target.partition("?")[2], keep_blank_values=True)
    expected = [("k ä&", value), ("both", f"a b&{value}=c"), ("n", "1")]
    assert got == ([("fixed", "1")] if "?" in path else []) + expected
    assert target.count("?") == 1


def test_a_question_mark_inside_of_an_expression_does_not_begin_the_query(scope):
    template = Template.parse("/a/${regex('b?c', x)}")
    assert target_renderer(template, fields(q="1"))(scope(x="abc")) == b"/a/bc?q=1"


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, b"3"), (2.5, b"2.5"), (True, b"true"), (None, b"null"), ([1, "a"], b"%5B1%2C%22a%22%5D")],
)
def test_values_that_are_no_text_are_spelled_as_in_json(value, text, scope):
    assert target_renderer(Template.parse("/${x}"))(scope(x=value)) == b"/" + text


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        ("${u}", {"u": "https://b.example/x%2Fy?z=1"}, b"https://b.example/x%2Fy?z=1"),
        ("${u}/c/${v}", {"u": "https://b.example/x", "v": "a/b"}, b"https://b.example/x/c/a%2Fb"),
        ("https://${h}/x", {"h": "127.0.0.1:8080"}, b"https://127.0.0.1:8080/x"),
        (
            "https://${h}:81/${v}",
            {"h": "a.example", "v": "a:b/c"},
            b"https://a.example:81/a%3Ab%2Fc",
        ),
        ("https://${h}/x", {"h": "evil.example/y?"}, b"https://evil.example%2Fy%3F/x"),
    ],
)
def test_a_value_may_begin_a_url_or_be_its_host(url, variables, expected, scope):
    assert url_renderer(Template.parse(url))(scope(**variables)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://b.example/x", b"https://b.example/x?page=2&q=a%26b"),
        ("https://b.example/x?y=1", b"https://b.example/x?y=1&page=2&q=a%26b"),
    ],
)
def test_a_query_map_goes_on_where_the_query_of_a_url_ends(value, expected, scope):
    renderer = url_renderer(Template.parse("${u}"), fields(page="2", q="${v}"))
    assert renderer(scope(u=value, v="a&b")) == expected


def test_a_header_is_a_whole_line(scope):
    renderer = header_renderer("Authorization", Template.parse("Bearer ${token}"))
    assert renderer(scope(token="t-1")) == b"Authorization: Bearer t-1\r\n"
    assert header_renderer("X", Template.parse("")) == b"X: \r\n"


@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\nb", "a\rb", "\r\n", "a\n"])
def test_a_line_break_in_a_headers_value_is_refused(value, scope):
    renderer = header_renderer("X-Token", Template.parse("${x}"))
    with pytest.raises(EVALUATION_ERRORS, match="line break"):
        renderer(scope(x=value))


def test_a_line_break_inside_of_json_in_a_header_is_escaped_and_harmless(scope):
    renderer = header_renderer("X", Template.parse("${x}"))
    assert renderer(scope(x=["a\nb"])) == b'X: ["a\\nb"]\r\n'


@pytest.mark.parametrize("value", AWKWARD)
def test_form_fields_are_read_back_as_they_were(value, scope):
    renderer = form_renderer(fields(**{"a&b": "${x}", "two words": "c d", "e": "=${x}&"}))
    got = parse_qsl(renderer(scope(x=value)).decode("ascii"), keep_blank_values=True)
    assert got == [("a&b", value), ("two words", "c d"), ("e", f"={value}&")]


def test_a_text_body_is_utf_8(scope):
    assert body_renderer(Template.parse("ä ${x}\r\n"))(scope(x="€")) == "ä €\r\n".encode()


@pytest.mark.parametrize(
    "value",
    [
        1,
        -2.5,
        True,
        False,
        None,
        "text",
        'q"\\',
        "ä€😀",
        [],
        {},
        [1, [None]],
        {"a": {"b": [1.5]}},
        2**63,
    ],
)
def test_a_whole_slot_keeps_its_type_in_json(value, scope):
    renderer = json_renderer(JsonTemplate.parse({"v": "${x}", "l": ["${x}"]}))
    assert orjson.loads(renderer(scope(x=value))) == {"v": value, "l": [value]}


def test_a_slot_within_text_is_text_in_json(scope):
    renderer = json_renderer(JsonTemplate.parse({"v": "n=${x}!", "w": "${x}${x}"}))
    assert orjson.loads(renderer(scope(x=True))) == {"v": "n=true!", "w": "truetrue"}


def test_a_slot_cannot_break_out_of_its_string_in_json(scope):
    renderer = json_renderer(JsonTemplate.parse({"v": "a${x}b"}))
    value = '", "admin": true, "z": "\\'
    assert orjson.loads(renderer(scope(x=value))) == {"v": f"a{value}b"}


@pytest.mark.parametrize("value", [b"bytes", 2**70, object(), float, "\ud800"])
def test_what_json_cannot_hold_is_an_evaluation_error(value, scope):
    renderer = json_renderer(JsonTemplate.parse({"v": "${x}"}))
    with pytest.raises(EVALUATION_ERRORS):
        renderer(scope(x=value))


@pytest.mark.parametrize(
    "make",
    [
        lambda t: target_renderer(Template.parse(f"/{t}")),
        lambda t: target_renderer(Template.parse("/"), fields(q=t)),
        lambda t: url_renderer(Template.parse(t)),
        lambda t: header_renderer("X", Template.parse(t)),
        lambda t: body_renderer(Template.parse(t)),
        lambda t: form_renderer(fields(q=t)),
        lambda t: json_renderer(JsonTemplate.parse({"q": [t]})),
    ],
)
def test_a_value_that_is_missing_or_no_unicode_is_an_evaluation_error(make, scope):
    renderer = make("${x}")
    with pytest.raises(EVALUATION_ERRORS):
        renderer(scope())
    with pytest.raises(EVALUATION_ERRORS):
        renderer(scope(x="\ud800"))


def test_what_does_not_vary_is_bytes():
    assert target_renderer(Template.parse("/a b"), fields(q="ä b")) == b"/a%20b?q=%C3%A4+b"
    assert header_renderer("X", Template.parse("$${y}")) == b"X: ${y}\r\n"
    assert body_renderer(Template.parse("")) == b""
    assert form_renderer(fields(a="1", b="x y")) == b"a=1&b=x+y"
    assert form_renderer([]) == b""
    constant = {"a": [1, "ä", None], "b": {}, "c": True, "d": "$${x}"}
    assert orjson.loads(json_renderer(JsonTemplate.parse(constant))) == constant | {"d": "${x}"}
    assert joined([b"a", b"", b"b"]) == b"ab"


def test_constants_around_a_slot_are_merged_into_one_chunk_each(scope):
    calls = []

    def slot(_scope):
        calls.append(1)
        return b"-"

    renderer = joined([b"a", b"b", slot, b"c", b"d", slot])
    assert renderer(scope()) == b"ab-cd-"
    assert len(calls) == 2


def test_values_for_names_keep_their_type_and_are_made_anew_each_time(scope):
    make = json_value(JsonTemplate.parse({"a": ["${x}", 1], "b": "n${x}", "c": None}).value)
    first = make(scope(x=5))
    assert first == {"a": [5, 1], "b": "n5", "c": None}
    first["a"].append("changed")
    assert make(scope(x=5)) == {"a": [5, 1], "b": "n5", "c": None}


def test_a_whole_template_gives_its_value_and_others_text(scope):
    assert value_of(Template.parse("${x}"))(scope(x=[1])) == [1]
    assert value_of(Template.parse(" ${x}"))(scope(x=[1])) == " [1]"
