"""Waits for locks: what for, and who is at the end of the queue."""

from __future__ import annotations

import pytest

from wedload.resources.locks import LockWaits, Waiting, holder_of, what_of


def waiting(pid=1, blockers=(9,), *, kind="relation", relation="bookings", row_of=None):
    return Waiting(pid, kind, relation, row_of, blockers)


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (waiting(), "relation bookings"),
        (waiting(kind="transactionid", relation=None, row_of="bookings"), "row of bookings"),
        (waiting(kind="transactionid", relation=None), "transactionid"),
        (waiting(kind="tuple"), "row of bookings"),
        (waiting(kind="advisory", relation=None), "advisory"),
    ],
)
def test_what_is_waited_for_is_named(found, what):
    assert what_of(found) == what


@pytest.mark.parametrize(
    ("blockers", "holder"),
    [
        ({1: (9,)}, 9),
        ({1: (2,), 2: (3,), 3: (9,)}, 9),
        ({1: (2, 3), 2: (3,), 3: (9,)}, 9),
        ({1: (2,), 2: (1,)}, 2),  # a deadlock
        ({1: ()}, None),
    ],
)
def test_holder_is_who_waits_for_nobody(blockers, holder):
    assert holder_of(waiting(1, blockers[1]), blockers) == holder


def test_waits_are_counted_over_all_samples_with_the_statement_of_the_holder():
    waits = LockWaits()
    for sessions in (2, 3, 1):
        queue = [waiting(pid, (9,) if pid == 1 else (pid - 1, 9)) for pid in range(1, sessions + 1)]
        waits.add(queue, {9: "UPDATE bookings SET a = 'me'", 1: "SELECT 1"})
    waits.add([waiting(blockers=())], {})

    assert waits.report == [
        {
            "what": "relation bookings", "sessions": 6, "most": 3,
            "holder": "UPDATE bookings SET a = ?",
        },
        {"what": "relation bookings", "sessions": 1, "most": 1, "holder": None},
    ]  # fmt: skip


def test_different_waits_are_bounded():
    waits = LockWaits()
    for number in range(200):
        waits.add([waiting(relation=f"t{number}")], {9: "x"})

    assert len(waits.report) == 51
    assert sum(one["sessions"] for one in waits.report) == 200
