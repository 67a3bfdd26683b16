from __future__ import annotations

import pytest

from wedload.comparison.comparable import differences_to_know, why_not


def invalid(message: str) -> dict:
    finding = {"kind": "generator", "message": message, "invalidates": True}
    return {"valid": False, "findings": [finding]}


def runs(side, result, left=None, right=None, **changes):
    base = side("base.json", result(seed=1, seconds=20))
    current = side("current.json", result(seed=2, seconds=20, run=right or {}, **changes))
    return base.runs, current.runs


def test_two_valid_runs_of_the_same_load_can_be_compared(side, result):
    base, current = runs(side, result)

    assert why_not(base, current) == []
    assert differences_to_know(base, current) == []


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ({"load_hash": "b8" * 32, "plan": "other"},
         ("the plans differ: load hash a7a7a7a7a7a7 (peak-season) in base.json, "
         "b8b8b8b8b8b8 (other) in current.json")),
        ({"target": "staging"},
         "the targets differ: sandbox in base.json, staging in current.json"),
        ({"time_scale": 0.1}, "the time scales differ: 1 in base.json, 0.1 in current.json"),
        ({"planned_s": 30.0},
         "the schedules differ: 00:20 in 2 stages in base.json, 00:30 in 2 stages in current.json"),
        ({"interrupted": True},
         "current.json was interrupted, so it has only a part of the load"),
        ({"aborted_s": 97.0},
         "current.json was aborted at 01:37, so it has only a part of the load"),
        ({"complete": False},
         "current.json is incomplete: wedload ended in the middle of the run"),
    ],
)  # fmt: skip
def test_what_forbids_a_comparison_is_said_in_a_sentence(side, result, right, words):
    assert why_not(*runs(side, result, right=right)) == [words]


def test_stages_of_other_lengths_are_another_schedule(side, result):
    found = why_not(*runs(side, result, stages=("up", "hold", "down")))

    assert found == [
        "the schedules differ: 00:20 in 2 stages in base.json, 00:20 in 3 stages in current.json"
    ]


def test_an_invalid_run_is_named_with_its_findings(side, result):
    base, current = runs(side, result)
    generator = current[0].result.validity.generator
    bad = result(
        seed=3, seconds=20,
        validity={**invalid("the generator was at 97% CPU"), "generator": generator.model_dump()},
    )  # fmt: skip

    assert why_not(base, side("bad.json", bad).runs) == [
        "bad.json is invalid: the generator was at 97% CPU"
    ]


def test_every_run_of_a_side_must_be_comparable(side, result):
    other = result(seed=4, seconds=20, run={"load_hash": "c9" * 32})
    base = side("main", result(seed=1, seconds=20), other)

    (reason,) = why_not(base.runs, side("now", result(seed=2, seconds=20)).runs)

    assert "c9c9c9c9c9c9 (peak-season) in main/1" in reason


@pytest.mark.parametrize(
    ("right", "note"),
    [
        ({"version": "0.5.0"}, "the version of wedload differs: 0.4.0 → 0.5.0"),
        ({"workers": 2}, "the number of load processes differs: 1 → 2"),
        (
            {"base_url": "https://staging.example"},
            "the address of the target differs: http://127.0.0.1 → https://staging.example",
        ),
        ({"host": {"system": "Linux", "compiled": False}},
         "what drives the load differs: compiled → interpreted"),
        ({"host": {"system": "Linux", "compiled": True, "cpus": 8}},
         "the number of CPUs differs: unknown → 8"),
        ({"plan_hash": "4e" * 32},
         "the plans differ, but not in their load (benchmarks or addresses, for example)"),
    ],
)  # fmt: skip
def test_what_may_explain_a_change_is_told_and_forbids_nothing(side, result, right, note):
    base, current = runs(side, result, right=right)

    assert why_not(base, current) == []
    assert differences_to_know(base, current) == [note]


def test_another_port_of_this_machine_is_nothing_to_know(side, result):
    assert differences_to_know(*runs(side, result, right={"base_url": "http://127.0.0.1:9"})) == []


def test_plans_that_differ_in_their_load_are_not_said_to_be_alike_in_it(result, side):
    base = side("base.json", result(seed=1))
    other = side("other.json", result(seed=2, run={"plan_hash": "00" * 32, "load_hash": "11" * 32}))
    same = side("same.json", result(seed=2, run={"plan_hash": "00" * 32}))

    assert not any(
        "not in their load" in note for note in differences_to_know(base.runs, other.runs)
    )
    assert any("not in their load" in note for note in differences_to_know(base.runs, same.runs))
