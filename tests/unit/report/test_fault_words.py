"""Faults in words, where they are good, bad, and where nobody can say."""

from __future__ import annotations

import pytest

from tests.helpers.broken_result import fault, lasting, unsure
from wedload.report.fault_words import (
    amplification_words,
    factor,
    fault_sentences,
    goodput_words,
    in_force,
    left_words,
    of_expected,
    p95_words,
    recovered_words,
    when,
)
from wedload.results.faults_model import Fault, PlannedFault


def of(facts) -> Fault:
    return Fault.model_validate(facts)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, "×1"), (1.0023, "×1.002"), (1.25, "×1.25"), (2.3, "×2.3"), (1.204, "×1.2"),
        (12.345, "×12.35"),
        (99.996, "×100"), (1234.5, "×1,234"), (None, "–"), (float("nan"), "–"),
    ],
)  # fmt: skip
def test_a_factor_is_told_with_its_sign(value, words):
    assert factor(value) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(0.9731, "97.3 %"), (0.9997, "100 %"), (1.041, "104.1 %"), (0.0, "0 %"), (None, "–")],
)
def test_what_is_expected_is_an_estimate_and_told_to_a_tenth(ratio, words):
    assert of_expected(ratio) == words


def test_a_fault_that_was_recovered_from_is_told_in_four_cells():
    one = of(fault())

    assert when(one) == "01:00–01:37"
    assert goodput_words(one) == "42.1/s→97.3 %→99.8 %"
    assert recovered_words(one) == "4.20 s"
    assert p95_words(one) == "1.20 s→2.31 s→1.22 s"
    assert amplification_words(one) == "×1→×2.31→×1.02"
    assert list(fault_sentences(one)) == []


def test_a_fault_whose_end_did_not_end_its_effect_is_told_in_a_sentence():
    one = of(lasting())

    assert recovered_words(one) == "never"
    assert amplification_words(one) == ""
    assert list(fault_sentences(one)) == [
        (
            "mail slow: metastable: the platform did not recover by itself, goodput stayed at "
            "71.3 % of what was to be expected"
        )
    ]


def test_what_was_retried_before_a_fault_that_never_began_says_nothing_of_it():
    before = {"before": 1.45, "during": None, "after": None}

    assert amplification_words(of(unsure(amplification=before))) == ""


def test_of_a_fault_without_load_after_it_nobody_can_say_anything():
    one = of(unsure())

    assert goodput_words(one) == "–→–→–"
    assert recovered_words(one) == "–"
    assert list(fault_sentences(one)) == [
        (
            "late: nobody can say whether the platform recovered: "
            "there were 2 s to recover in, where it takes 5"
        )
    ]


def test_what_never_was_hurt_has_recovered_at_once():
    assert recovered_words(of(fault(time_to_recover_s=0.0))) == "at once"


OUTAGE = PlannedFault(name="outage", on=["calendar"], begin_s=60.0, end_s=97.0)
SLOW = PlannedFault(name="slow", on=["mail"], begin_s=90.0, end_s=152.0)


@pytest.mark.parametrize(
    ("elapsed_s", "words"),
    [
        (59.9, ""),
        (60.0, "outage, 0:37 left"),
        (89.5, "outage, 0:08 left"),
        (90.0, "outage, 0:07 left; slow, 1:02 left"),
        (96.99, "outage, 0:01 left; slow, 0:56 left"),
        (97.0, "slow, 0:55 left"),
        (152.0, ""),
    ],
)
def test_faults_in_force_are_told_with_what_is_left_of_them(elapsed_s, words):
    assert left_words([OUTAGE, SLOW], elapsed_s) == words
    assert bool(in_force([OUTAGE, SLOW], elapsed_s)) == bool(words)
