"""HTML that no text of a user's can break out of."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.report.html.markup import Column, Html, element, join, script_json, table

HOSTILE = "</script><script>alert(1)</script><!-- \"'&amp;"


def test_text_is_escaped_and_markup_is_not():
    assert element("p", "<b>", Html("<i></i>")) == "<p>&lt;b&gt;<i></i></p>"
    assert join(["a<", None, Html("<br>")]) == "a&lt;<br>"


def test_attributes_lose_their_line_and_those_without_a_value_are_left_out():
    made = element("th", class_="a", aria_label='"x"', scope=None, hidden=True, lang=False)
    assert made == '<th class="a" aria-label="&quot;x&quot;" hidden></th>'


def test_a_void_element_has_no_end_and_no_content():
    assert element("br") == "<br>"
    with pytest.raises(ValueError, match="<br> has no content"):
        element("br", "text")


class Tags(HTMLParser):
    """What a parser sees in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@given(st.text())
def test_any_text_is_read_back_as_it_was(text):
    parser = Tags()
    parser.feed(element("p", text, title=text))
    parser.close()
    assert parser.tags == ["p"]
    assert parser.text == text.replace("\r\n", "\n").replace("\r", "\n") or parser.text == text


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_data_in_a_script_is_read_back_and_cannot_end_it(value):
    text = script_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_what_ends_a_script_is_escaped_in_data():
    assert "</script" not in script_json([HOSTILE])
    assert json.loads(script_json([HOSTILE])) == [HOSTILE]


def test_numbers_that_json_does_not_have_are_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        script_json([float("nan")])


def test_a_table_has_caption_scopes_and_a_box_that_can_be_reached_by_keyboard():
    made = table(
        "Steps <1>", [Column("step", "name"), Column("p95", "number")], [["a<b", "1 ms"]], note="n"
    )
    assert "<caption><span>Steps &lt;1&gt;</span></caption>" in made
    assert '<th scope="col" class="number">p95</th>' in made
    assert '<th scope="row" class="name">a&lt;b</th><td class="number">1 ms</td>' in made
    assert made.startswith('<div class="scroll" tabindex="0" role="region" aria-label="Steps &lt;1')
    assert made.endswith('<p class="note">n</p>')


def test_a_row_of_another_length_than_the_head_is_a_mistake():
    with pytest.raises(ValueError, match="zip"):
        table("t", [Column("a")], [["1", "2"]])
