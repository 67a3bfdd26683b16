"""Amplification, attempts and gaps are those of the list of attempts, however they overlap."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from wedload.dependencies.observation import Observation
from wedload.metrics.recorder import Recorder
from wedload.plan.third_parties import Dependency
from wedload.simulators.attempt import Attempt

QUIET = 50  # ns, as all instants here

attempts = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from("xy"),
        st.integers(0, 800),
        st.integers(0, 90),
        st.none() | st.integers(1, 120),  # that it was told to wait
    ),
    max_size=40,
)


def by_hand(all_of_them: list[Attempt]) -> list[list[Attempt]]:
    """What the definition says: sort by arrival, and tell apart where it was quiet."""
    of_keys = defaultdict(list)
    for one in all_of_them:
        of_keys[one.endpoint, one.operation].append(one)
    operations = []
    for mine in of_keys.values():
        mine.sort(key=lambda one: one.arrived_ns)
        for position, one in enumerate(mine):
            before = [other.ended_ns + (other.retry_after_ns or 0) for other in mine[:position]]
            if not before or one.arrived_ns - max(before) > QUIET:
                operations.append([])
            operations[-1].append(one)
    return operations


@given(attempts, st.lists(st.integers(0, 1_000), max_size=10))
def test_what_is_recorded_is_what_the_list_of_attempts_says(
    drawn: list[tuple[str, str, int, int, int | None]], looks: list[int]
) -> None:
    """Also if somebody looks for what is over at any time in between."""
    listed = [
        Attempt("d", endpoint, key, at, at + took, "ok", retry_after_ns=waits)
        for key, endpoint, at, took, waits in drawn
    ]
    recorder = Recorder()
    observation = Observation(
        recorder, {"d": Dependency(simulate="http")}, {"d": 0}, [(0, 1)], quiet_ns=QUIET
    )
    observation.begin(0)
    happens = [(one.ended_ns, 0, one) for one in listed] + [(at, 1, None) for at in looks]
    for at, _, one in sorted(happens, key=lambda each: each[:2]):
        if one is not None:
            observation(one)
            continue
        under_way = [
            other.arrived_ns for other in listed if other.arrived_ns <= at < other.ended_ns
        ]
        observation.sweep(min([at, *under_way]))
    observation.finish()
    snapshot = recorder.flush(0, 0, {})
    trends = {key.metric: seen for key, seen in snapshot.trends.items()}
    expected = by_hand(listed)
    if not listed:
        assert not trends
        return
    seen = trends["operation_attempts"]
    assert (seen.sum_ns, seen.count) == (len(listed), len(expected))
    assert seen.max_ns == max(map(len, expected))
    assert trends["operation_duration"].sum_ns == sum(
        max(one.ended_ns for one in each) - each[0].arrived_ns for each in expected
    )
