"""The browsers that listen."""

from __future__ import annotations

from wedload.report.dashboard.subscribers import Subscribers


async def test_slow_subscriber_is_dropped_and_others_go_on():
    subscribers = Subscribers(waiting=2)
    slow, quick = subscribers.join(), subscribers.join()

    got = []
    for state in (b"1", b"2", b"3"):
        subscribers.tell(state)
        got.append(quick.get_nowait())

    assert got == [b"1", b"2", b"3"]
    assert [slow.get_nowait(), slow.get_nowait()] == [b"2", None]


async def test_there_are_at_most_so_many_until_one_leaves():
    subscribers = Subscribers(most=1)
    first = subscribers.join()

    assert subscribers.join() is None
    subscribers.leave(first)
    assert subscribers.join() is not None


async def test_all_are_told_the_end():
    subscribers = Subscribers()
    queue = subscribers.join()

    subscribers.close()

    assert queue.get_nowait() is None
