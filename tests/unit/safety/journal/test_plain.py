"""Targets that stand in a journal as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.safety.journal.plain import PlainTargets

CAPITALS = b"sk_TEST_4eC39HqL", b"M2Y5YTFjNzdlMGIy"
LOWER = b"3f9a1c77e0b2"


@pytest.mark.parametrize(
    ("target", "plain"),
    [
        (b"/api/forms/4f1c0d6e", True),
        (b"/api/forms/01ARZ3NDEKTSV4RRFFQ69G5FAV", True),  # has the characters of a secret
        (b"/api/forms/4eC39HqL", True),  # the end of one is none
        (b"", True),
        (b"/api/forms/3f9a1c77e0b2", False),
        (b"/api/forms/x3f9a1c77e0b2x", False),
        (b"/api/forms/sk_TEST_4eC39HqL", False),
        (b"/api/M2Y5YTFjNzdlMGIy/forms", False),
        (b"/api/forms?id=7", False),
        (b'/api/forms/"', False),
        (b"/api/forms/\\", False),
        (b"/api/forms/\0", False),
        (b"/api/forms/\x01", False),
        (b"/api/forms/\x7f", False),
        (b"/api/forms/\xff", False),
    ],
)
def test_a_target_is_plain_without_secrets_and_characters_to_escape(target, plain):
    assert PlainTargets((*CAPITALS, LOWER)).holds(target) is plain


def test_without_secrets_only_characters_count():
    targets = PlainTargets(())

    assert targets.holds(b"/api/FORMS/3f9a1c77e0b2")
    assert not targets.holds(b"/api?")


LETTERS = st.binary(max_size=12).map(lambda one: bytes(b'aZ3_-/?%"\xe9'[byte % 10] for byte in one))
FORMS = st.lists(LETTERS.filter(lambda one: len(one) >= 2), max_size=6)


@given(FORMS, st.lists(LETTERS, max_size=4), st.data())
def test_it_is_what_looking_for_each_would_say(forms, parts, data):
    """Also where a secret stands inside, or is made by what is beside it."""
    if forms and data.draw(st.booleans()):
        parts.insert(data.draw(st.integers(0, len(parts))), data.draw(st.sampled_from(forms)))
    target = b"".join(parts)

    plain = not any(form in target for form in forms) and not set(target) & set(b'?"\xe9')
    assert PlainTargets(forms).holds(target) is plain
