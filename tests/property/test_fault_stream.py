"""Whatever is fed, however faults change and time goes: nothing is lost, reordered or made up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.faults import a_fault, played, suffering
from wedload.simulators.faults.stream import End, Reset, Stream, Write
from wedload.units import NS_PER_MS as MS

DURATIONS = st.integers(1, 200).map(lambda ms: ms * MS)
HARMLESS = [
    st.builds(lambda ns, by: {"latency": f"{ns}ns", "jitter": by}, DURATIONS, DURATIONS),
    st.builds(lambda rate: {"bandwidth": rate}, st.sampled_from([1, 90, 4_000, 10**7])),
    st.builds(lambda ns: {"slow_close": ns}, DURATIONS),
    st.builds(
        lambda size, vary, ns: {"slicer": {"size": size, "vary": vary, "delay": ns}},
        st.integers(1, 20), st.integers(0, 25), DURATIONS,
    ),
    st.just({"timeout": True}),
]  # fmt: skip
CUTTING = [
    st.builds(lambda ns: {"timeout": ns}, DURATIONS),
    st.builds(lambda ns: {"reset": ns}, DURATIONS),
    st.just({"reset": True}),
    st.builds(lambda size: {"limit_data": size}, st.integers(0, 60)),
]


def whats(kinds):
    return st.lists(st.one_of(kinds), max_size=3).map(
        lambda parts: {key: value for part in parts for key, value in part.items()}
    )


def scripts(kinds):
    """Steps: feed so many bytes, put faults in force – of four that stay the same –, take."""
    return st.tuples(
        st.lists(whats(kinds), min_size=4, max_size=4),
        st.lists(
            st.tuples(
                st.integers(0, 300 * MS),
                st.one_of(
                    st.integers(0, 50),
                    st.sets(st.integers(0, 3)),
                    st.none(),
                ),
            ),
            max_size=25,
        ),
        st.booleans(),
    )


def play(script):
    """What was fed, what came out until no fault was in force and all had come, and the stream."""
    whats_of, steps, ends = script
    faults = [suffering(a_fault(str(at), **what)) for at, what in enumerate(whats_of)]
    stream, now_ns, number = Stream(), 0, 0
    sent, done = bytearray(), []
    for by_ns, step in steps:
        now_ns += by_ns
        if step is None:
            done += [(now_ns, one) for one in stream.take(now_ns)]
        elif isinstance(step, int):
            data = bytes((number + at) % 256 for at in range(step))
            number += step
            sent += data
            stream.feed(now_ns, data)
        else:
            stream.change(now_ns, [one for at in sorted(step) for one in faults[at]])
    if ends:
        stream.feed_end(now_ns)
    stream.change(now_ns, [])
    done += [(now_ns, one) for one in stream.take(now_ns)]
    done += played(stream, now_ns + 10**15)
    return bytes(sent), [one for _, one in done], stream


def came(actions):
    return b"".join(one.data for one in actions if isinstance(one, Write))


@given(scripts(HARMLESS))
def test_what_nothing_cuts_off_comes_out_whole_and_in_order(script):
    sent, actions, stream = play(script)
    assert came(actions) == sent
    assert [one for one in actions if not isinstance(one, Write)] == [End()] * script[2]
    assert (stream.waiting_bytes, stream.under_way_bytes, stream.due_ns) == (0, 0, None)


@given(scripts(HARMLESS + CUTTING))
def test_what_is_cut_off_is_the_begin_of_what_was_fed(script):
    sent, actions, stream = play(script)
    assert sent.startswith(came(actions))
    last = [one for one in actions if not isinstance(one, Write)]
    if last in ([End(cut=True)], [Reset()]):
        assert actions[-1] is last[0]
        assert stream.over
    else:
        assert came(actions) == sent
        assert last == [End()] * script[2]
    assert (stream.waiting_bytes, stream.under_way_bytes, stream.due_ns) == (0, 0, None)


@given(scripts(HARMLESS + CUTTING))
def test_the_same_script_is_played_the_same_way_twice(script):
    assert play(script)[1] == play(script)[1]
