"""What await steps refer to, and what steps set."""

from __future__ import annotations

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from wedload.plan.awaiting import bound_by, is_known_early, senders, since_of

BATCH = """\
[[workflows.order]]
name = "page"
let = { page = "1" }
batch = [{ name = "a", http = "GET /a", capture = { a = "text" } }, { name = "b", http = "GET /b" }]
"""


@pytest.fixture
def plan(load):
    def of(more=""):
        return load(WITH_CHANNELS + more).plan

    return of


def test_pauses_and_awaits_send_nothing_and_a_batch_sends_several_things(plan):
    steps = plan(BATCH).workflows["order"]

    assert [(at, step.label) for at, step in senders(steps)] == [
        (0, "place"), (4, "say it"), (5, "a"), (5, "b"),
    ]  # fmt: skip


def test_an_await_refers_to_what_it_names_or_to_what_was_sent_last(plan):
    last = '[[workflows.order]]\nname = "last"\nawait = { channel = "hooks", key = "id" }\n'
    steps = plan(BATCH + last).workflows["order"]

    assert since_of(steps, steps[2]).step.label == "place"
    assert since_of(steps, steps[3]).step.label == "place"
    assert since_of(steps, steps[6]) == (5, steps[5].batch[1])


def test_a_list_without_what_an_await_names_has_nothing_for_it(plan):
    steps = plan().workflows["order"]

    assert since_of(steps[2:], steps[3]) is None


def test_steps_set_what_they_bind_and_capture_also_what_is_in_them(plan):
    made = plan(
        BATCH
        + '[[workflows.order]]\nuse = "more"\n[[workflows.more]]\nuse = "most"\n'
        + '[[workflows.most]]\nhttp = "GET /m"\ncapture = { m = "text" }\nlet = { l = "1" }\n'
    )
    steps = made.workflows["order"]

    assert [sorted(bound_by(made, step)) for step in steps] == [
        ["id"], [], [], [], [], ["a", "page"], ["l", "m"],
    ]  # fmt: skip


def test_a_key_is_known_early_if_nothing_in_between_sets_it(plan):
    made = plan()
    steps = made.workflows["order"]

    assert is_known_early(made, steps, steps[2], since_of(steps, steps[2]))
