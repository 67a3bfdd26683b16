import pytest

from wedload.traces.slots import MOST_SLOTS, slot_length_s


@pytest.mark.parametrize(
    ("second", "length_s"), [(0, 1), (119, 1), (120, 2), (239, 2), (240, 4), (86_400, 1_024)]
)
def test_slots_are_as_long_as_there_must_be_no_more_of_them(second, length_s):
    assert slot_length_s(second) == length_s
    assert second // length_s < MOST_SLOTS


def test_slots_never_become_shorter():
    assert slot_length_s(5, 8) == 8
