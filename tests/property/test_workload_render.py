"""For any values: a rendered body is what naive evaluation gives, and no value leaves its place."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.workload.render import header_renderer, target_renderer
from wedload.workload.render_bodies import form_renderer, json_renderer
from wedload.workload.render_parts import json_value

SETTINGS = settings(deadline=None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


class Slot:
    """A place of a JSON value that a variable fills."""

    def __init__(self, name, before, after):
        self.name, self.before, self.after = name, before, after

    @property
    def source(self):
        return f"{self.before}${{{self.name}}}{self.after}".replace("$$", "$")

    def value(self, variables):
        value = variables[self.name]
        if not self.before and not self.after:
            return value
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        return f"{self.before}{text}{self.after}"


AROUND = st.text(st.sampled_from('ab "\\/{}\n\u00e4,:[]'), max_size=4)
SLOTS = st.builds(Slot, st.sampled_from("xyz"), AROUND, AROUND) | st.builds(
    Slot, st.sampled_from("xyz"), st.just(""), st.just("")
)
PLAIN = TEXT.filter(lambda text: "$" not in text)
BODIES = st.recursive(
    SLOTS | PLAIN | NUMBERS | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN, inner, max_size=4),
    max_leaves=15,
)
VARIABLES = st.fixed_dictionaries({"x": JSON, "y": JSON, "z": JSON})


def mapped(body, leaf):
    if isinstance(body, dict):
        return {key: mapped(item, leaf) for key, item in body.items()}
    if isinstance(body, list):
        return [mapped(item, leaf) for item in body]
    return leaf(body) if isinstance(body, Slot) else body


def has_slot(body):
    if isinstance(body, dict | list):
        return any(map(has_slot, body.values() if isinstance(body, dict) else body))
    return isinstance(body, Slot)


@SETTINGS
@given(BODIES, VARIABLES)
def test_a_json_body_is_what_naive_evaluation_gives(body, variables):
    template = JsonTemplate.parse(mapped(body, lambda slot: slot.source))
    expected = mapped(body, lambda slot: slot.value(variables))
    scope = SimpleNamespace(variables=variables)
    renderer = json_renderer(template)
    assert isinstance(renderer, bytes) == (not has_slot(body))
    sent = renderer if isinstance(renderer, bytes) else renderer(scope)
    assert orjson.loads(sent) == orjson.loads(orjson.dumps(expected))
    assert json_value(template.value)(scope) == expected


@SETTINGS
@given(TEXT, TEXT)
def test_values_in_a_target_are_read_back_and_leave_nothing_else_changed(one, other):
    renderer = target_renderer(
        Template.parse("/a/${x}/b"), [("k", Template.parse("${y}")), ("l", Template.parse("c"))]
    )
    target = renderer(SimpleNamespace(variables={"x": one, "y": other})).decode("ascii")
    path, _, query = target.partition("?")
    assert [unquote(part) for part in path.split("/")] == ["", "a", one, "b"]
    assert parse_qsl(query, keep_blank_values=True) == [("k", other), ("l", "c")]
    assert all("\x21" <= character <= "\x7e" for character in target)


@SETTINGS
@given(st.lists(st.tuples(PLAIN, TEXT), min_size=1, max_size=4))
def test_form_fields_are_read_back(pairs):
    names = [f"v{n}" for n in range(len(pairs))]
    renderer = form_renderer(
        [(key, Template.parse(f"${{{n}}}")) for (key, _), n in zip(pairs, names, strict=True)]
    )
    variables = {name: value for name, (_, value) in zip(names, pairs, strict=True)}
    body = renderer(SimpleNamespace(variables=variables)).decode("ascii")
    assert parse_qsl(body, keep_blank_values=True) == pairs


@SETTINGS
@given(TEXT)
def test_a_header_is_one_line_or_refused(value):
    renderer = header_renderer("X", Template.parse("a${x}b"))
    try:
        line = renderer(SimpleNamespace(variables={"x": value}))
    except ValueError:
        assert "\r" in value or "\n" in value
        return
    assert line.count(b"\r") == line.count(b"\n") == 1
    assert line == f"X: a{value}b\r\n".encode()
