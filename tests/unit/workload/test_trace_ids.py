from hypothesis import given
from hypothesis import strategies as st

from wedload.workload.trace_ids import (
    MOST_PHASES,
    MOST_SECONDS,
    MOST_SERIES,
    MOST_WORKERS,
    TraceMark,
    read_trace_id,
    run_tag,
    sender_of,
    trace_id,
)

_MARKS = st.builds(
    TraceMark,
    st.integers(0, MOST_SERIES - 1),
    st.integers(0, MOST_PHASES - 1),
    st.integers(0, MOST_SECONDS - 1),
    st.integers(0, MOST_WORKERS - 1),
    st.integers(0, (1 << 32) - 1),
)


@given(_MARKS)
def test_an_id_says_what_it_is_of(mark: TraceMark):
    tag = run_tag("20261127-050000-abcd")
    made = trace_id(tag, mark)
    assert len(made) == 16
    assert read_trace_id(tag, made) == mark


def test_ids_of_other_runs_and_of_other_lengths_are_nobodys():
    mark = TraceMark(1, 2, 3, 4, 5)
    made = trace_id(run_tag("a"), mark)
    assert read_trace_id(run_tag("b"), made) is None
    assert read_trace_id(run_tag("a"), made[:-1]) is None
    assert any(made)


def test_a_process_that_counts_beyond_its_room_begins_again():
    tag = run_tag("a")
    made = trace_id(tag, TraceMark(0, 0, 0, 0, (1 << 32) + 7))
    assert read_trace_id(tag, made) == TraceMark(0, 0, 0, 0, 7)


@given(_MARKS.filter(lambda mark: mark.number > 0))
def test_whose_parent_requests_say_they_are_is_a_span_of_its_own_for_each_trace(mark: TraceMark):
    made = trace_id(run_tag("a"), mark)
    assert len(sender_of(made)) == 8
    assert any(sender_of(made))
