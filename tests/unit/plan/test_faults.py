"""Faults as a plan has them: which kinds there are, and what of the sandbox can suffer some."""

from __future__ import annotations

from wedload.plan.faults import KINDS, OF_ANSWERS, OF_BYTES, SANDBOX_SERVICES, Fault
from wedload.plan.structure import keys_of
from wedload.sandbox.faults.timeline import SERVICES


def test_every_key_of_a_fault_says_what_goes_wrong_or_of_what_and_when():
    others = ["name", "on", "at", "for", "retry_after", "direction", "toxicity"]

    assert sorted(keys_of(Fault)) == sorted([*KINDS, *others])


def test_every_kind_is_of_bytes_or_of_answers_or_of_all_that_there_is():
    assert sorted((*OF_BYTES, *OF_ANSWERS, "down")) == sorted(KINDS)


def test_the_services_of_the_sandbox_are_those_that_it_has():
    assert set(SANDBOX_SERVICES) == {f"sandbox.{service}" for service in SERVICES}


def test_what_is_false_is_no_kind():
    fault = Fault(name="x", on=("a",), at=0, for_=1, reset=False, timeout=True, limit_data=0)

    assert fault.kinds == ("timeout", "limit_data")
