import pytest

from wedload.traces.span import MOST_TEXT, span_of

TRACE, SPAN = b"t" * 16, b"s" * 8


def made(trace=TRACE, own=SPAN, parent=b"", names=("api", "GET"), times=(1, 2), peer=None):
    return span_of(trace, own, parent, names, times, 2, False, peer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"trace": b"t" * 15},
        {"trace": bytes(16)},
        {"own": bytes(8)},
        {"own": b""},
        {"parent": b"p" * 7},
        {"times": (2, 1)},
    ],
)
def test_ids_and_times_that_none_can_have_are_no_span(wrong):
    assert made(**wrong) is None


def test_a_parent_of_zeros_is_none():
    assert made(parent=bytes(8)).span.parent_id == b""


def test_texts_are_cut_and_never_empty():
    found = made(names=("", "x" * 1_000), peer="p" * 1_000).span
    assert found.service == "unknown service"
    assert len(found.operation) == len(found.peer) == MOST_TEXT
    assert made(peer="").span.peer is None
