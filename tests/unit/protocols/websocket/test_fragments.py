"""Messages of several frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.protocols.websocket.fragments import Fragments, ViolationError


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=9), st.booleans())
def test_however_a_message_is_cut_it_comes_back_whole_with_its_last_frame(pieces, is_text):
    fragments = Fragments(100)
    for at, piece in enumerate(pieces):
        final = at == len(pieces) - 1
        if at == 0:
            message = fragments.begin(piece, is_text=is_text, final=final)
        else:
            message = fragments.go_on(piece, final=final)
        assert fragments.pending is not final
        assert message == ((b"".join(pieces), is_text) if final else None)


def test_a_message_of_just_the_size_is_let_through_and_one_byte_more_is_not():
    fragments = Fragments(4)
    fragments.begin(b"ab", is_text=True, final=False)
    assert fragments.go_on(b"cd", final=True) == (b"abcd", True)
    fragments.begin(b"ab", is_text=True, final=False)
    with pytest.raises(ViolationError, match="longer than 4 bytes") as raised:
        fragments.go_on(b"cde", final=False)
    assert (raised.value.code, raised.value.outcome) == (1009, "too_large")
    assert not fragments.pending


def test_frames_out_of_turn_are_violations():
    fragments = Fragments(10)
    with pytest.raises(ViolationError, match="had not begun"):
        fragments.go_on(b"", final=True)
    fragments.begin(b"", is_text=False, final=False)
    with pytest.raises(ViolationError, match="before the last one had ended") as raised:
        fragments.begin(b"", is_text=False, final=True)
    assert (raised.value.code, raised.value.outcome) == (1002, "protocol")
