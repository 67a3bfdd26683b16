"""Card numbers, against an oracle."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from wedload.plan.personal_data.cards import cards, passes_luhn
from wedload.plan.personal_data.labels import Label
from wedload.plan.personal_data.published import CARDS


@given(st.text("0123456789", min_size=1, max_size=30))
def test_the_check_digit_is_that_of_the_oracle(digits):
    assert passes_luhn(digits) == luhn.is_valid(digits)


@given(
    st.sampled_from([("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("36", 14), ("6011", 16)]),
    st.integers(0, 10**20),
)
def test_a_number_of_a_network_never_passes_and_with_a_wrong_digit_is_none(network, drawn):
    prefix, length = network
    body = (prefix + f"{drawn:020d}")[: length - 1]
    number = body + luhn.calc_check_digit(body)
    wrong = body + str((int(number[-1]) + 1) % 10)

    assert [one.text for one in cards(number, Label.NONE)] == [number] * (number not in CARDS)
    assert list(cards(wrong, Label.NONE)) == []


def test_most_random_identifiers_are_no_card():
    """One in ten passes Luhn's check, and one in four of these begins as a card's does."""
    rng = random.Random(3)
    ids = [str(rng.randrange(10**15, 10**16)) for _ in range(20_000)]
    found = sum(bool(list(cards(one, Label.NONE))) for one in ids)
    assert found / len(ids) < 0.04
    assert not any(list(cards(one, Label.IDENTIFIER)) for one in ids)
