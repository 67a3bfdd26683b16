"""Who had joined a channel at an instant."""

from __future__ import annotations

from wedload.channels.membership import Membership
from wedload.units import NS_PER_S


def test_those_who_have_joined_by_then_are_members() -> None:
    membership = Membership(3)
    membership.join(0, 10)
    membership.join(2, 20)
    assert [list(membership.at(at)) for at in (9, 10, 19, 20, 99)] == [
        [0, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 1], [1, 0, 1],
    ]  # fmt: skip


def test_one_who_has_left_was_a_member_before() -> None:
    """Also in an earlier session, but not between two of them."""
    membership = Membership(2)
    membership.join(0, 0)
    membership.join(1, 10)
    membership.leave(1, 20)
    membership.join(1, 30)
    membership.leave(1, 40)
    found = {at: membership.at(at)[1] for at in (5, 10, 19, 20, 25, 30, 39, 40)}
    assert found == {5: 0, 10: 1, 19: 1, 20: 0, 25: 0, 30: 1, 39: 1, 40: 0}
    assert (membership.joined, membership.most) == (1, 2)


def test_who_leaves_without_having_joined_changes_nothing() -> None:
    membership = Membership(1)
    membership.leave(0, 5)
    assert membership.joined == 0
    assert list(membership.at(5)) == [0]


def test_sessions_of_more_than_an_hour_ago_are_forgotten() -> None:
    """So that years of dropping and rejoining need no more memory."""
    membership = Membership(1)
    for hour in range(10):
        membership.join(0, hour * 3_600 * NS_PER_S)
        membership.leave(0, hour * 3_600 * NS_PER_S + 1)
    assert list(membership.at(0)) == [0]
    assert list(membership.at(9 * 3_600 * NS_PER_S)) == [1]
