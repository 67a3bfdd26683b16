"""Escapes that are undone, and how much of that a text gets."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from wedload.safety.encodings import forms_of, readings


def texts(text):
    return {one.text for one in readings(text)}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a%2Fb", "a/b"), ("a%2fb", "a/b"), ("%c3%bc", "ü"), ("%252F", "/"), ("%ff", "\ufffd"),
        (r"a\u002fb", "a/b"), (r"\ud83d\ude00", "😀"), (r"\U0001F600", "😀"), (r"\xfc", "ü"),
        (r"\xc3\xbc", "ü"), (r"a\nb\"", 'a\nb"'), (r"\/", "/"), (r"\\", "\\"),
        ("&#47;&#x2F;&amp;&quot;", '//&"'), ("%26amp%3b", "&"), (r"\\%2541", "\\A"),
    ],
)  # fmt: skip
def test_escapes_are_undone(text, meant):
    assert meant in texts(text)


@pytest.mark.parametrize("text", ["", "plain", "100 %", "a & b;", "%zz", "C:\\q", r"\u12"])
def test_text_without_escapes_has_no_other_reading(text):
    assert texts(text) == set()


def test_kinds_are_undone_one_by_one_as_a_secret_may_look_like_an_escape():
    secret = r"a\%2Fb"

    assert secret in texts(quote(secret.replace("\\", "\\\\"), safe=""))


def test_characters_of_a_reading_know_where_they_were():
    (one,) = [one for one in readings("x%2F%2Fy&amp;z") if one.text == "x//y&z"]

    assert one.begins == [0, 1, 1, 7, 8, 13]
    assert one.ends == [1, 7, 7, 8, 13, 14]


@pytest.mark.parametrize("number", [10, 1_000, 30_000])
def test_text_of_many_escapes_is_read_in_bounds_and_all_kinds_are_undone(number):
    text = "%25&amp;\\\\" * number + quote("a/secret")

    found = list(readings(text))

    assert any("a/secret" in one.text for one in found)
    assert sum(len(one.text) for one in found) < 40_000 + 4 * len(text)


def test_forms_of_an_ordinary_secret_are_few():
    assert len(forms_of("canary-7f3a9-plain")) == 5  # itself, in hex, and in base64 by three ways
    assert forms_of("abc") == set()
    assert forms_of("four") == {"four"}
