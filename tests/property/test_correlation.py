"""Correlation finds the same whatever comes first: triggers, messages, or a look at the clock."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.correlating import Correlating

KEYS = "abcd"
INSTANTS = st.integers(0, 2_000)

triggers = st.dictionaries(
    st.sampled_from(KEYS), st.tuples(INSTANTS, st.integers(1, 800)), max_size=len(KEYS)
)


@st.composite
def channels(draw: st.DrawFn) -> tuple[int, list[tuple[int, int, int]], Any, Any]:
    """Subscribers, sessions (joined, left), triggers by key, and messages (key, at, subscriber)."""
    subscribers = draw(st.integers(1, 4))
    sessions = []
    for subscriber in range(subscribers):
        joined = draw(st.integers(0, 1_000))
        left = draw(st.one_of(st.just(10**9), st.integers(joined, 2_500)))
        sessions.append((subscriber, joined, left))
    messages = draw(
        st.lists(
            st.tuples(st.sampled_from(KEYS), INSTANTS, st.integers(0, subscribers - 1)), max_size=30
        )
    )
    return subscribers, sessions, draw(triggers), messages


def by_hand(
    sessions: list[tuple[int, int, int]],
    expected: dict[str, tuple[int, int]],
    messages: list[tuple[str, int, int]],
) -> Counter[str]:
    """What the definitions say, with all of it laid out."""
    counts: Counter[str] = Counter()
    for key in KEYS:
        mine = sorted((at, subscriber) for one, at, subscriber in messages if one == key)
        if key not in expected:
            counts["unexpected"] += len(mine)
            continue
        since, within = expected[key]
        members = {who for who, joined, left in sessions if joined <= since < left}
        if not members:
            counts["unheard"] += 1
            counts["unexpected"] += len(mine)
            continue
        for subscriber in {who for who, _, _ in sessions}:
            instants = [at for at, who in mine if who == subscriber]
            if subscriber not in members:
                # before the trigger it is about something else; its copy does not count
                counts["duplicates"] += len(instants) - any(at >= since for at in instants)
                continue
            answers = [at for at in instants if at >= since]
            in_time = bool(answers) and answers[0] <= since + within
            counts["expected ok" if in_time else "expected missed"] += 1
            counts["late"] += bool(answers) and not in_time
            counts["duplicates"] += len(instants) - bool(answers)
    return +counts


@given(channel=channels(), data=st.data())
def test_what_becomes_of_messages_does_not_depend_on_what_is_told_first(
    channel: Any, data: st.DataObject
) -> None:
    subscribers, sessions, expected, messages = channel
    correlating = Correlating(kind="realtime", subscribers=subscribers)
    membership = correlating.correlator.membership
    changes = [(joined, "join", who) for who, joined, _ in sessions]
    changes += [(left, "leave", who) for who, _, left in sessions]
    for subscriber in range(subscribers):
        membership.leave(subscriber, -1)
    for at, change, who in sorted(changes):
        getattr(membership, change)(who, at)
    # messages to one subscriber come in order; all else in any
    told: list[Any] = [("expect", key, *what) for key, what in expected.items()]
    queues = [
        sorted((at, key) for key, at, who in messages if who == subscriber)
        for subscriber in range(subscribers)
    ]
    turns = data.draw(
        st.permutations([*told, *(n for n, queue in enumerate(queues) for _ in queue)])
    )
    for turn in turns:
        if isinstance(turn, int):
            at, key = queues[turn].pop(0)
            correlating.heard(key, at, turn)
        else:
            _, key, since, within = turn
            correlating.expect(key, since, within)
        if data.draw(st.booleans()):  # a message is told of when it is there
            now = min((queue[0][0] for queue in queues if queue), default=3_000)
            correlating.correlator.sweep(now)
    counts, _ = correlating.finished()
    assert counts == by_hand(sessions, expected, messages)
