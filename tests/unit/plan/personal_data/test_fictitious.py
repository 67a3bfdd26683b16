"""Fictitious telephone numbers, each range at its ends, and the numbers beside them."""

from __future__ import annotations

import pytest

from wedload.plan.personal_data.fictitious import is_fictitious

#: first and last of each range, with the code of the country
RANGES = [
    ("12025550100", "12025550199"), ("441632960000", "441632960999"),
    ("441134960000", "441134960999"), ("441184960000", "441184960999"),
    ("441214960000", "441214960999"), ("441614960000", "441614960999"),
    ("441914980000", "441914980999"), ("442079460000", "442079460999"),
    ("442890180000", "442890180999"), ("442920180000", "442920180999"),
    ("447700900000", "447700900999"), ("448081570000", "448081570999"),
    ("449098790000", "449098790999"), ("443069990000", "443069990999"),
    ("61255500000", "61255509999"), ("61870100000", "61870109999"),
    ("493023125000", "493023125999"), ("496990009000", "496990009999"),
    ("494066969000", "494066969999"), ("492214710000", "492214710999"),
    ("498999998000", "498999998999"), ("491713920000", "491713920099"),
    ("4917604069000", "4917604069099"), ("33199000000", "33199009999"),
    ("33261910000", "33261919999"), ("33353010000", "33353019999"),
    ("33465710000", "33465719999"), ("33536490000", "33536499999"),
    ("33639980000", "33639989999"), ("46313900600", "46313900699"),
    ("46406280400", "46406280499"), ("46846500400", "46846500499"),
    ("46980319200", "46980319299"), ("46701740605", "46701740699"),
    ("353209100000", "353209199999"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_a_range_ends_where_its_regulator_says(first, last):
    assert is_fictitious(first, international=True)
    assert is_fictitious(last, international=True)
    assert not is_fictitious(str(int(first) - 1), international=True)
    assert not is_fictitious(str(int(last) + 1), international=True)
    assert not is_fictitious(first[:-1], international=True)
    assert not is_fictitious(f"{first}0", international=True)


@pytest.mark.parametrize(
    "number", ["61491570006", "61491579760", "4915228817386", "491749464308", "611900654321"]
)
def test_single_numbers_are_fictitious_and_their_neighbours_are_not(number):
    assert is_fictitious(number, international=True)
    assert not is_fictitious(str(int(number) + 3), international=True)


@pytest.mark.parametrize(
    "number",
    [
        "07700900123", "02079460123", "5550100", "2025550143", "12025550143", "0491570006",
        "03023125042", "0639981234", "0701740605", "0209123456",
    ],
)  # fmt: skip
def test_they_are_fictitious_as_they_are_dialled_in_their_country(number):
    assert is_fictitious(number, international=False)


@pytest.mark.parametrize("number", ["02079461234", "2025551234", "07700800123", "0171123456"])
def test_others_are_not(number):
    assert not is_fictitious(number, international=False)
