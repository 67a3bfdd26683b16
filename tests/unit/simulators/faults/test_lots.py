"""Who suffers a fault, and what is drawn for it."""

from __future__ import annotations

from tests.helpers.faults import a_fault
from wedload.simulators.faults.applied import applied
from wedload.simulators.faults.lots import Lot


def sufferers(fault, *, seed=1, target="calendar"):
    return {number for number in range(1000) if Lot(seed, target, number).suffers(fault)}


def test_a_share_of_connections_suffers_and_it_is_the_same_one_each_time():
    half = a_fault(toxicity=0.5, down=True)
    assert 440 < len(sufferers(half)) < 560
    assert sufferers(half) == sufferers(half)


def test_seeds_targets_and_faults_have_lots_of_their_own():
    half = a_fault(toxicity=0.5, down=True)
    others = [
        sufferers(half, seed=2),
        sufferers(half, target="e-mail"),
        sufferers(a_fault("another", toxicity=0.5, down=True)),
    ]
    for other in others:
        assert 400 < len(other ^ sufferers(half)) < 600


def test_all_suffer_what_is_toxic_to_all_and_none_what_is_toxic_to_none():
    assert len(sufferers(a_fault(down=True))) == 1000
    assert sufferers(a_fault(down=True, toxicity=0.0)) == set()


def test_directions_suffer_what_is_for_them():
    lot = Lot(1, "calendar", 0)
    for direction, headings in (("up", {"up"}), ("down", {"down"}), ("both", {"up", "down"})):
        fault = a_fault(timeout=True, direction=direction)
        assert {one for one in ("up", "down") if applied(fault, one, lot)} == headings


def test_faults_of_whole_requests_do_nothing_to_bytes():
    assert applied(a_fault(status=503, down=True), "down", Lot(1, "calendar", 0)) is None


def test_what_is_false_does_nothing():
    assert applied(a_fault(reset=False, timeout=False), "down", Lot(1, "calendar", 0)) is None
