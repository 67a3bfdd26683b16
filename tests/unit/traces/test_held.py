import pytest

from tests.helpers.spans import span
from wedload.traces.held import LONGEST_NS, MOST_SPANS_A_TRACE, QUIET_NS, HeldTraces
from wedload.traces.span import Received
from wedload.workload.trace_ids import TraceMark, run_tag, sender_of, trace_id

TAG = run_tag("a run")


def an_id(number: int = 1) -> bytes:
    return trace_id(TAG, TraceMark(1, 2, 3, 0, number))


def root(of: bytes, own: int = 1) -> Received:
    return Received(of, span(own, 0, 0, 100)._replace(parent_id=sender_of(of)))


def child(of: bytes, own: int = 2) -> Received:
    return Received(of, span(own, 1, 10, 30))


def test_a_trace_is_reduced_when_none_of_its_spans_has_come_for_some_time():
    held = HeldTraces(TAG, 100)
    held.add([root(an_id())], 0)
    held.add([child(an_id())], QUIET_NS - 1)
    held.sweep(QUIET_NS)
    assert (held.held, held.account.traces) == (2, 0)
    held.sweep(2 * QUIET_NS)
    assert (held.held, held.account.traces, held.account.spans) == (0, 1, 2)
    ((at, step),) = held.totals.steps.items()
    assert (at.series, at.phase, at.slot, step.root_ns) == (1, 2, 3, 100)


def test_what_comes_after_that_is_late():
    held = HeldTraces(TAG, 100)
    held.add([root(an_id())], 0)
    held.sweep(QUIET_NS)
    held.add([child(an_id())], QUIET_NS)
    assert (held.account.late, held.held) == (1, 0)


def test_a_trace_that_never_is_quiet_is_reduced_all_the_same():
    held = HeldTraces(TAG, 1_000)
    for at_ns in range(0, LONGEST_NS + 1, QUIET_NS // 2):
        held.add([child(an_id(), 2 + at_ns // QUIET_NS)], at_ns)
        held.sweep(at_ns)
    assert held.held == 0
    held.finish()
    assert held.account.traces == 1


def test_spans_beyond_the_most_are_refused_and_counted():
    held = HeldTraces(TAG, 3)
    of = an_id()
    assert held.add([root(of), *(child(of, own) for own in range(2, 7))], 0) == 3
    assert held.full
    assert held.account.refused == 3
    held.finish()
    assert not held.full
    assert held.account.spans == 3


def test_one_trace_cannot_take_all_the_room():
    held = HeldTraces(TAG, 10 * MOST_SPANS_A_TRACE)
    endless = an_id(1)
    spans = [child(endless, own) for own in range(2, MOST_SPANS_A_TRACE + 12)]
    assert held.add(spans, 0) == 10
    assert held.add([root(an_id(2))], 0) == 0


def test_spans_of_others_and_those_that_come_twice_are_counted_apart():
    held = HeldTraces(TAG, 100)
    foreign = trace_id(run_tag("another"), TraceMark(1, 2, 3, 0, 1))
    held.add([root(foreign), root(an_id()), root(an_id())], 0)
    held.finish()
    account = held.account
    assert (account.foreign, account.repeated, account.traces, account.spans) == (1, 1, 1, 1)


def test_traces_without_a_root_and_with_a_cycle_are_left_out():
    held = HeldTraces(TAG, 100)
    lost, circular = an_id(1), an_id(2)
    held.add([Received(lost, span(1, 2, 0, 9)), Received(lost, span(2, 1, 0, 9))], 0)
    held.add([root(circular), Received(circular, span(5, 5, 0, 9))], 0)
    held.finish()
    assert (held.account.broken, held.account.traces, held.totals.steps) == (2, 0, {})


def test_how_many_requests_are_known_to_have_a_span_counts_held_and_reduced_ones():
    held = HeldTraces(TAG, 100)
    held.add([root(an_id(1)), child(an_id(2))], 0)
    assert held.rooted == 1
    held.finish()
    held.add([root(an_id(3))], 0)
    assert held.rooted == 2


def test_the_root_of_a_slow_request_may_come_long_after_what_it_asked():
    held, slow = HeldTraces(TAG, 100), an_id(1)
    held.add([child(slow)], 0)
    for at_ns in range(0, 3 * QUIET_NS, QUIET_NS // 2):
        held.sweep(at_ns)
    assert held.held == 1
    held.add([root(slow)], 3 * QUIET_NS)
    held.sweep(4 * QUIET_NS)
    account = held.account
    assert (account.traces, account.late, account.rootless) == (1, 0, 0)
    ((_, step),) = held.totals.steps.items()
    assert step.root_ns == 100


@pytest.mark.parametrize("first", [0, 1], ids=["it comes first", "it comes last"])
def test_a_trace_without_its_root_is_left_out_where_others_have_theirs(first):
    held = HeldTraces(TAG, 100)
    both = [root(an_id(1)), child(an_id(2))]
    for received in (both[first], both[1 - first]):
        held.add([received], 0)
        held.sweep(LONGEST_NS)
    held.finish()
    account = held.account
    assert (account.traces, account.rootless, account.spans) == (1, 1, 1)
    assert [one.root_ns for one in held.totals.steps.values()] == [100]


def test_spans_without_parents_are_roots_where_no_trace_has_its_own():
    held = HeldTraces(TAG, 100)
    held.add([child(an_id(1)), child(an_id(2))], 0)
    held.finish()
    account = held.account
    assert (account.traces, account.rootless, account.spans) == (2, 0, 2)
    assert [(one.count, one.root_ns) for one in held.totals.steps.values()] == [(2, 40)]


def test_traces_without_a_root_make_room_when_half_of_it_is_taken():
    held = HeldTraces(TAG, 3)
    held.add([child(an_id(1))], 0)
    held.sweep(QUIET_NS)
    assert held.held == 1
    held.add([child(an_id(2))], QUIET_NS)
    held.sweep(2 * QUIET_NS)
    assert held.held <= 1
