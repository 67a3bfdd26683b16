from __future__ import annotations

from wedload.sandbox.realtime.quota import PerSecond


def test_so_many_pass_in_a_second_and_as_many_in_the_next():
    now = [5.0]
    quota = PerSecond(3, lambda: now[0])
    assert [quota.take() for _ in range(5)] == [True, True, True, False, False]
    now[0] = 5.999
    assert not quota.take()
    now[0] = 6.0
    assert [quota.take() for _ in range(4)] == [True, True, True, False]
    now[0] = 60.0
    assert [quota.take() for _ in range(4)] == [True, True, True, False]


def test_none_is_no_limit():
    quota = PerSecond(0)
    assert all(quota.take() for _ in range(10_000))
