"""Answers by script: which attempt of which message gets which."""

from __future__ import annotations

import pytest

from wedload.channels.webhook.answers import Script
from wedload.plan.channels import Answer

BUSY = Answer(status=503, times=2)
GONE = Answer(status=410)


@pytest.mark.parametrize(
    ("answers", "given"),
    [
        ((), [None, None]),
        ((GONE,), [GONE, None, None]),
        ((BUSY, GONE), [BUSY, BUSY, GONE, None, None]),
        ((GONE, BUSY), [GONE, BUSY, BUSY, None]),
        ((Answer(times=10**9),), [Answer(times=10**9)] * 3),
    ],
)
def test_the_nth_attempt_gets_the_nth_answer_and_then_success(answers, given):
    script = Script(answers, 1.0, 1)
    assert [script.answer("m", number) for number in range(1, len(given) + 1)] == given


def test_a_share_of_the_messages_is_chosen_the_same_in_every_run_and_attempt():
    ids = [f"msg_{number}" for number in range(2_000)]

    def chosen(ratio: float, seed: int) -> set[str]:
        script = Script((Answer(status=503, times=3),), ratio, seed)
        found = {one for one in ids if script.answer(one, 1) is not None}
        assert found == {one for one in ids if script.answer(one, 3) is not None}
        return found

    quarter = chosen(0.25, 1)
    assert 400 < len(quarter) < 600  # 500 ± 5 standard deviations
    assert quarter == chosen(0.25, 1)
    assert quarter < chosen(0.5, 1)
    assert quarter != chosen(0.25, 2)
    assert chosen(0.0, 1) == set()
    assert chosen(1.0, -(2**70)) == set(ids)
    assert chosen(0.25, 2**130) != set(ids)
