"""For any document: each path that tomli finds has a line, and its key stands there."""

from __future__ import annotations

import tomli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wedload.plan.positions import find_positions

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BARE = st.text("abcXYZ019_-", min_size=1, max_size=6)
PLAIN = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="'\"\\")
NEWLINE = st.sampled_from([" ", "\n", "\n\n", " # note ] } ' \"\n", "\r\n"])


@st.composite
def keys(draw):
    """A key as written."""
    kind = draw(st.integers(0, 3))
    if kind < 2:
        return draw(BARE)
    text = draw(st.text(PLAIN, max_size=6))
    return f"'{text}'" if kind == 2 else f'"{text}"'


SCALARS = st.one_of(
    st.integers(-100, 100).map(str),
    st.sampled_from(
        [
            "true", "1.5", "inf", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "07:32:00",
            "''", '""', "'#'", '"a\\"b = 1"', "'''\n[x]\n'y''''", '"""\nz = 1\\\n  ""\\"""""',
            "''''''", '""""""', '"\\\\"', "'\\'",
        ]
    ),
)  # fmt: skip


def array(items, gap, comma):
    return f"[{gap}" + f",{gap}".join(items) + (comma if items else "") + f"{gap}]"


def table(items, gap):
    return (
        "{" + gap + f",{gap}".join(f"{key} = {value}" for key, value in items.items()) + gap + "}"
    )


def inline(values):
    names = st.one_of(keys(), st.tuples(BARE, BARE).map(" . ".join))
    return st.one_of(
        st.builds(array, st.lists(values, max_size=4), NEWLINE, st.sampled_from(["", ","])),
        st.builds(table, st.dictionaries(names, values, max_size=4), NEWLINE),
    )


VALUES = st.recursive(SCALARS, inline, max_leaves=8)
DOTTED = st.lists(keys(), min_size=1, max_size=3).map(".".join)
PAIR = st.builds(lambda key, value: f"{key} = {value}", DOTTED, VALUES)
HEADER = st.builds(
    lambda key, array: f"[[ {key} ]]" if array else f"[{key}]", DOTTED, st.booleans()
)


@st.composite
def documents(draw):
    """A valid document: lines that tomli would not accept are left out."""
    text = ""
    for line in draw(st.lists(st.one_of(PAIR, PAIR, HEADER), max_size=10)):
        longer = text + line + draw(NEWLINE) + "\n"
        try:
            tomli.loads(longer)
        except tomli.TOMLDecodeError:
            continue
        text = longer
    return text


def paths(value, path=()):
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, dict | list):
            yield from paths(item, (*path, key))
        else:
            yield (*path, key)


@SETTINGS
@given(documents())
def test_every_path_has_a_line_and_its_key_stands_there(text):
    lines = text.replace("\r\n", "\n").split("\n")
    positions = find_positions(text)

    for path in paths(tomli.loads(text)):
        line = positions[path]
        if isinstance(path[-1], str):
            assert path[-1] in lines[line - 1]


@SETTINGS
@given(documents())
def test_no_path_is_found_that_is_not_there(text):
    assert set(find_positions(text)) == set(paths(tomli.loads(text)))
