"""Switching protections off."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from wedload.sandbox.errors import OptionError
from wedload.sandbox.resilience.protections import (
    NAMES,
    Protections,
    parse_protection,
    protections_in,
    without,
)


def test_all_are_on_unless_switched_off():
    assert all(asdict(Protections()).values())
    assert without(()) == Protections()


@pytest.mark.parametrize("name", NAMES)
def test_each_switch_changes_only_itself(name):
    off = [field for field, on in asdict(without([name])).items() if not on]
    assert off == [name.replace("-", "_")]


def test_the_names_are_those_that_are_promised():
    assert set(NAMES) == {
        *("retry-budget", "time-out", "breaker", "honest-fallback"),
        *("jitter", "idempotency", "compensation", "retry-after"),
    }


def test_the_environment_names_several():
    assert protections_in(" retry-budget; jitter;") == ("retry-budget", "jitter")
    assert protections_in("") == ()


def test_a_typo_is_told_what_is_meant():
    with pytest.raises(ValueError, match=r"did you mean breaker\?"):
        parse_protection("braker")
    with pytest.raises(OptionError, match="WEDLOAD_SANDBOX_WITHOUT: 'x' is no protection; there"):
        protections_in("breaker;x")
