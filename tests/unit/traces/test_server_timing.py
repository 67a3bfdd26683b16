import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.traces.server_timing import MOST_ENTRIES, read_timings


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'db;dur=53.2;desc="query", cache;dur=0.3', [("db", 53_200_000), ("cache", 300_000)]),
        (b"miss, db", []),
        (b'a;desc="x;dur=4",b;dur="5"', [("b", 5_000_000)]),
        (b'a;desc="q, z;dur=1";dur=2, b;dur=7', [("a", 2_000_000), ("b", 7_000_000)]),
        (b"a ; DUR = 2", [("a", 2_000_000)]),
        (b"a;dur=1, a;dur=9", [("a", 1_000_000)]),
        (b"a;dur=nan, b;dur=-1, c;dur=1e999, d;dur=1", [("d", 1_000_000)]),
        (b',,;;,\xff\x00;dur=1, e;dur=2', [("e", 2_000_000)]),
        (b'"never ends, b;dur=3', [("b", 3_000_000)]),
        (b"", []),
    ],
)  # fmt: skip
def test_entries_with_a_duration_are_read_and_all_else_is_passed_over(value, expected):
    assert read_timings([(b"Server-Timing", value)]) == expected


def test_a_header_may_come_several_times_and_others_are_not_read():
    headers = [
        (b"server-timing", b"a;dur=1"), (b"X-Timing-Head", b"b;dur=2"),
        (b"SERVER-TIMING", b"c;dur=3"),
    ]  # fmt: skip
    assert [name for name, _ in read_timings(headers)] == ["a", "c"]


def test_of_many_entries_only_so_many_are_read():
    many = ",".join(f"n{number};dur=1" for number in range(500)).encode()
    assert len(read_timings([(b"server-timing", many)])) == MOST_ENTRIES


@given(st.binary(max_size=300))
def test_nothing_that_a_server_sends_is_too_much(value: bytes):
    for name, ns in read_timings([(b"server-timing", value)]):
        assert name
        assert ns >= 0


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.integers(0, 3_600_000)),
    st.text(st.characters(exclude_characters='"\\', max_codepoint=255), max_size=20),
)
def test_what_is_written_is_read(timings: dict[str, int], text: str):
    entries = (f'{name};desc="{text}";dur={ms}' for name, ms in list(timings.items())[:8])
    found = read_timings([(b"Server-Timing", ", ".join(entries).encode("latin-1"))])
    assert found == [(name, ms * 1_000_000) for name, ms in list(timings.items())[:8]]
