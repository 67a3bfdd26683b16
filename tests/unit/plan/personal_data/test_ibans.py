"""IBANs, against an oracle."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from wedload.plan.personal_data.ibans import FORMS, ibans
from wedload.plan.personal_data.published import IBANS

CLASSES = {"n": "0123456789", "a": "ABCDEFGHIJ", "c": "0123456789ABCDEF"}


@st.composite
def accounts(draw):
    country = draw(st.sampled_from(sorted(FORMS)))
    account = "".join(
        draw(st.text(CLASSES[kind], min_size=int(many), max_size=int(many)))
        for many, kind in re.findall(r"(\d+)([nac])", FORMS[country])
    )
    return country + iban.calc_check_digits(f"{country}00{account}") + account


@given(accounts(), st.sampled_from(["", " ", "-"]))
def test_an_account_of_any_country_never_passes_however_it_is_grouped(number, gap):
    assert iban.is_valid(number, check_country=False)
    text = gap.join(re.findall(".{1,4}", number))
    expected = [text] * (number not in IBANS)
    assert [one.text for one in ibans(f"to {text}, please")] == expected
    assert list(ibans(f"{text}0")) == list(ibans(f"x{text}")) == []


@given(accounts(), st.integers(1, 96))
def test_with_other_check_digits_it_is_none(number, more):
    digits = (int(number[2:4]) + more) % 97
    wrong = f"{number[:2]}{digits:02d}{number[4:]}"
    assert iban.is_valid(wrong, check_country=False) == bool(list(ibans(wrong)))
