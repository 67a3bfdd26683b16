"""Published test cards and example IBANs are numbers that would be found otherwise."""

from __future__ import annotations

import pytest
from stdnum import iban, luhn

from wedload.plan.personal_data import cards, ibans, published
from wedload.plan.personal_data.labels import Label


@pytest.mark.parametrize("number", sorted(published.CARDS))
def test_a_published_card_passes_the_check_as_its_oracle_says(number):
    assert luhn.is_valid(number)
    assert cards.passes_luhn(number)


@pytest.mark.parametrize("number", sorted(published.IBANS))
def test_a_published_iban_is_one_by_the_registry(number, monkeypatch):
    assert iban.is_valid(number, check_country=False)
    monkeypatch.setattr(ibans, "IBANS", frozenset())
    assert [one.text for one in ibans.ibans(number)] == [number]


def test_most_published_cards_would_be_found(monkeypatch):
    """But those of lengths that are out of use."""
    monkeypatch.setattr(cards, "CARDS", frozenset())
    unknown = [one for one in published.CARDS if not list(cards.cards(one, Label.NONE))]
    assert sorted(unknown) == ["4222222222222", "5610591081018250", "6331101999990016"]
