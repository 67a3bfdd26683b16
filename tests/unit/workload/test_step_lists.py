"""What is done to whole lists of compiled steps, and to those that other steps hold."""

from __future__ import annotations

import pytest

WORKFLOWS = """
[[workflows.visit]]
batch = [{ http = "GET /x" }]
[[workflows.visit]]
use = "close"
[[workflows.close]]
http = "POST /close"
"""


def test_verbs_are_those_of_the_steps_and_of_those_that_they_hold(compiled):
    workload = compiled(f'[[teardown]]\nthink = "1s"\n{WORKFLOWS}')

    assert workload.verbs == {"batch", "http", "use", "think"}
    assert workload.teardown_verbs == {"think"}


@pytest.mark.parametrize("recovers", [False, True])
@pytest.mark.parametrize(
    "step", ['http = "POST /close"', 'batch = [{ http = "POST /close" }]', 'use = "close"']
)
def test_a_tear_down_that_may_have_been_done_before_expects_that_all_is_gone(
    compiled, step, recovers
):
    workload = compiled(f"[[teardown]]\n{step}\n{WORKFLOWS}", recovers=recovers)

    (only,) = workload.teardown
    (call,) = getattr(only, "calls", getattr(only, "steps", (only,)))
    assert ({404, 410} <= call.expected_status) is recovers
    assert {200, 302} <= call.expected_status
