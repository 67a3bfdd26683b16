"""Each fault on a stream (`simulators/faults`), at instants that are given."""

from __future__ import annotations

import pytest

from tests.helpers.faults import a_fault, played, suffering, told
from wedload.simulators.faults.stream import Stream
from wedload.units import NS_PER_MS as MS
from wedload.units import NS_PER_S

LATER = 3_600 * NS_PER_S


def broken_by(*faults, at_ns=0):
    stream = Stream()
    stream.change(at_ns, suffering(*faults))
    return stream


def out(stream, until_ns=LATER):
    return told(played(stream, until_ns))


def test_without_a_fault_everything_comes_out_at_once():
    stream = Stream()
    stream.feed(5, b"abc")
    stream.feed(6, b"de")
    assert told((6, action) for action in stream.take(6)) == [(6, b"abc"), (6, b"de")]
    stream.feed_end(7)
    assert out(stream) == [(7, "end")]
    assert stream.over


def test_latency_delays_each_piece_and_does_not_limit_how_many_are_under_way():
    stream = broken_by(a_fault(latency="100ms"))
    for at in range(50):
        stream.feed(at * MS, bytes([at]))
    stream.feed_end(50 * MS)
    assert out(stream) == [
        *(((at + 100) * MS, bytes([at])) for at in range(50)),
        (150 * MS, "end"),
    ]


def test_jitter_varies_latency_within_its_bounds_and_nothing_overtakes():
    stream = broken_by(a_fault(latency="100ms", jitter="40ms"))
    for at in range(500):
        stream.feed(at * 100 * MS, b"%d," % at)
    done = out(stream)
    assert b"".join(data for _, data in done) == b"".join(b"%d," % at for at in range(500))
    delays = [due_ns - at * 100 * MS for at, (due_ns, _) in enumerate(done)]
    assert min(delays) < 65 * MS
    assert max(delays) > 135 * MS
    assert all(60 * MS <= one <= 140 * MS for one in delays)


def test_two_latencies_add_up():
    stream = broken_by(a_fault("one", latency="100ms"), a_fault("other", latency="30ms"))
    stream.feed(0, b"a")
    assert out(stream) == [(130 * MS, b"a")]


def test_latency_is_drawn_from_a_distribution_of_the_plan():
    stream = broken_by(a_fault(latency="uniform(10ms, 20ms)"))
    stream.feed(0, b"a")
    ((due_ns, _),) = out(stream)
    assert 10 * MS <= due_ns <= 20 * MS


@pytest.mark.parametrize("rate", [7, 1_000, 333_333, 10_000_000])
def test_bandwidth_lets_exactly_its_bytes_through(rate):
    stream = broken_by(a_fault(bandwidth=rate))
    count = 3 * rate
    for begin in range(0, count, 65_536):
        stream.feed(0, bytes(min(65_536, count - begin)))
    stream.feed_end(0)
    passed = 0
    for due_ns, data in out(stream):
        passed += 0 if data == "end" else len(data)
        assert due_ns - 1 < passed * NS_PER_S / rate <= due_ns
    assert passed == count


def test_a_line_that_was_idle_saves_no_bytes_up():
    stream = broken_by(a_fault(bandwidth=1_000))
    stream.feed(0, bytes(100))
    out(stream)
    stream.feed(10 * NS_PER_S, bytes(100))
    assert out(stream)[-1][0] == 10 * NS_PER_S + 100 * MS


def test_bandwidth_stays_exact_while_other_faults_come_and_go():
    narrow = suffering(a_fault("narrow", bandwidth=1_000))
    other = suffering(a_fault("other", latency="1ms"))
    stream = Stream()
    stream.change(0, narrow)
    stream.feed(0, bytes(1_000))
    done = []
    for step in range(1, 60):
        done += out(stream, step * 17 * MS)
        stream.change(step * 17 * MS, narrow + other if step % 2 else narrow)
    done += out(stream)
    assert done[-1][0] in {NS_PER_S, NS_PER_S + MS}
    assert sum(len(data) for _, data in done) == 1_000


def test_slow_close_delays_the_end_alone():
    stream = broken_by(a_fault(slow_close="2s"))
    stream.feed(0, b"abc")
    stream.feed_end(1 * MS)
    assert out(stream) == [(0, b"abc"), (2_001 * MS, "end")]
    assert stream.suffered == ("it",)


def test_data_alone_does_not_suffer_slow_close():
    stream = broken_by(a_fault(slow_close="2s"))
    stream.feed(0, b"abc")
    assert stream.suffered == ()


def test_an_end_that_is_held_is_passed_on_when_its_fault_ends():
    stream = broken_by(a_fault(slow_close="2s"))
    stream.feed_end(0)
    stream.change(5 * MS, [])
    assert out(stream) == [(5 * MS, "end")]


def test_timeout_holds_everything_until_it_ends():
    stream = broken_by(a_fault(timeout=True))
    stream.feed(0, b"abc")
    stream.feed(1 * MS, b"de")
    stream.feed_end(2 * MS)
    assert stream.due_ns is None
    assert stream.take(LATER) == []
    assert stream.waiting_bytes == 5
    stream.change(LATER, [])
    assert out(stream) == [(LATER, b"abc"), (LATER, b"de"), (LATER, "end")]


def test_timeout_with_a_duration_closes_so_long_after_what_it_held_first():
    stream = broken_by(a_fault(timeout="500ms"))
    stream.feed(20 * MS, b"abc")
    stream.feed(400 * MS, b"de")
    assert out(stream) == [(520 * MS, "cut")]
    assert (stream.over, stream.waiting_bytes) == (True, 0)


def test_timeout_that_ends_before_its_duration_lets_everything_flow():
    stream = broken_by(a_fault(timeout="500ms"))
    stream.feed(20 * MS, b"abc")
    stream.change(519 * MS, [])
    assert out(stream) == [(519 * MS, b"abc")]


def test_reset_comes_at_once_and_nothing_before_it():
    stream = broken_by(a_fault(reset=True))
    stream.feed(3 * MS, b"abc")
    assert out(stream) == [(3 * MS, "reset")]


def test_reset_with_a_duration_comes_so_long_after_the_first_data():
    stream = broken_by(a_fault(reset="200ms"))
    stream.feed(3 * MS, b"abc")
    stream.feed(150 * MS, b"abc")
    assert out(stream) == [(203 * MS, "reset")]


def test_a_connection_without_data_is_not_reset():
    stream = broken_by(a_fault(reset=True))
    assert stream.due_ns is None


def test_slicer_cuts_into_sizes_that_vary_with_pauses_between():
    stream = broken_by(a_fault(slicer={"size": 64, "vary": 16, "delay": 10 * MS}))
    sent = bytes(range(256)) * 40
    stream.feed(0, sent)
    done = out(stream)
    assert b"".join(data for _, data in done) == sent
    assert [at for at, _ in done] == [number * 10 * MS for number in range(len(done))]
    sizes = [len(data) for _, data in done[:-1]]
    assert (min(sizes), max(sizes)) == (48, 80)
    assert sizes == [len(data) for _, data in played_again(sent)[:-1]]


def played_again(sent):
    """The same seed gives the same slices."""
    stream = broken_by(a_fault(slicer={"size": 64, "vary": 16, "delay": 10 * MS}))
    stream.feed(0, sent)
    return out(stream)


def test_slicer_and_bandwidth_keep_their_sizes_and_their_rate():
    stream = broken_by(a_fault(slicer={"size": 100, "delay": 0}, bandwidth=1_000))
    stream.feed(0, bytes(400))
    done = out(stream)
    assert done[-1][0] == 400 * MS
    assert all(len(data) <= 50 for _, data in done)  # twenty times a second


@pytest.mark.parametrize("sizes", [[10], [4, 4, 4], [1] * 12, [7, 100]])
def test_limit_data_ends_the_connection_after_exactly_so_many_bytes(sizes):
    stream = broken_by(a_fault(limit_data=7))
    sent = b""
    for number, size in enumerate(sizes):
        sent += bytes([number]) * size
        stream.feed(0, bytes([number]) * size)
    done = out(stream)
    assert b"".join(data for _, data in done[:-1]) == sent[:7]
    assert done[-1] == (0, "cut")


def test_limit_data_of_nothing_ends_with_the_first_byte():
    stream = broken_by(a_fault(limit_data=0))
    assert stream.due_ns is None
    stream.feed(5, b"abc")
    assert out(stream) == [(5, "cut")]


def test_limit_data_lets_less_end_by_itself():
    stream = broken_by(a_fault(limit_data=7))
    stream.feed(0, b"abc")
    stream.feed_end(0)
    assert out(stream) == [(0, b"abc"), (0, "end")]


def test_a_cut_comes_after_what_is_under_way():
    stream = broken_by(a_fault(limit_data=3, latency="50ms"))
    stream.feed(0, b"abcdef")
    assert out(stream) == [(50 * MS, b"abc"), (50 * MS, "cut")]


def test_what_is_under_way_keeps_its_instant_when_its_latency_ends_and_is_not_overtaken():
    stream = broken_by(a_fault(latency="1s"))
    stream.feed(0, b"slow")
    stream.change(100 * MS, [])
    stream.feed(100 * MS, b"fast")
    assert out(stream) == [(1_000 * MS, b"slow"), (1_000 * MS, b"fast")]
    assert stream.idle


def test_what_waits_at_a_narrow_line_flows_when_it_is_wide_again():
    stream = broken_by(a_fault(bandwidth=1_000))
    stream.feed(0, bytes(1_000))
    before = out(stream, 500 * MS)
    stream.change(505 * MS, [])
    assert sum(len(data) for _, data in before) == 500
    assert out(stream) == [(505 * MS, bytes(500))]


def test_what_waits_obeys_the_faults_that_come_next():
    stream = broken_by(a_fault("held", timeout=True))
    stream.feed(0, b"abc")
    stream.change(10 * MS, suffering(a_fault("late", latency="5ms")))
    assert out(stream) == [(15 * MS, b"abc")]
    assert stream.suffered == ("held", "late")


def test_the_earliest_of_several_cuts_comes():
    stream = broken_by(a_fault("slow", timeout="2s"), a_fault("fast", reset="1s"))
    stream.feed(0, b"abc")
    assert out(stream) == [(1_000 * MS, "reset")]


def test_a_delayed_end_is_not_delayed_anew_when_another_fault_comes():
    slow = suffering(a_fault("slow", slow_close="2s"))
    stream = Stream()
    stream.change(0, slow)
    stream.feed_end(0)
    stream.change(1_500 * MS, slow + suffering(a_fault("other", bandwidth=1_000)))
    assert out(stream) == [(2_000 * MS, "end")]


def test_a_line_gives_no_credit_for_the_time_in_which_all_was_held():
    narrow, held = suffering(a_fault("narrow", bandwidth=1_000)), suffering(a_fault(timeout=True))
    stream = Stream()
    stream.change(0, narrow + held)
    stream.feed(0, bytes(100))
    stream.change(NS_PER_S, narrow)
    assert out(stream)[-1][0] == NS_PER_S + 100 * MS


def test_a_clock_that_is_asked_late_changes_no_rate():
    stream = broken_by(a_fault(bandwidth=1_000))
    stream.feed(0, bytes(1_000))
    assert sum(len(action.data) for action in stream.take(700 * MS)) == 700
    assert stream.due_ns == 750 * MS


def test_nothing_is_passed_on_after_a_cut():
    stream = broken_by(a_fault(reset=True))
    stream.feed(0, b"abc")
    stream.take(0)
    stream.feed(1, b"more")
    stream.feed_end(2)
    stream.change(3, [])
    assert (stream.due_ns, stream.take(LATER)) == (None, [])
