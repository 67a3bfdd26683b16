"""Answers that are a fallback, as a step's `fallback` tells (`engine/http_samples.py`)."""

from __future__ import annotations

import pytest


def step(*lines: str) -> str:
    written = 'name = "a"\nhttp = "POST /a"\nfallback = "json.fallback_used"'
    return f"[[workflows.visit]]\n{written}\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(("said", "outcome"), [(True, "used"), (False, "not")])
def test_an_answer_says_whether_it_is_a_fallback(play, one_user, answer, said, outcome):
    run = play(one_user(step()), answer(0.4, json={"fallback_used": said}))

    assert run.outcomes("fallbacks") == {outcome: 1}
    assert run.summary.rate("fallback_used").ratio == said


def test_only_answers_that_are_a_fallback_are_timed_as_one(play, one_user, answer):
    answers = [answer(0.4, json={"fallback_used": True}), answer(0.1, json={"fallback_used": 0})]
    run = play(one_user(step() + step().replace('"a"', '"b"')), lambda _: answers.pop(0))

    times = run.summary.trend("fallback_duration")
    assert (times.count, times.max_ns / 1e9) == (1, pytest.approx(0.4))


def test_an_answer_that_does_not_say_is_none_and_this_is_noted(play, one_user, answer):
    run = play(one_user(step()), answer(0.1, json={}))

    assert run.outcomes("fallbacks") == {"not": 1}
    ((note, times),) = run.summary.notes.items()
    assert note.startswith("a: fallback: ")
    assert times == 1


def test_an_error_page_is_no_fallback_and_has_its_note_already(play, one_user, answer):
    run = play(one_user(step()), answer(0.1, 500))

    assert run.outcomes("fallbacks") == {"not": 1}
    assert not any("fallback" in note for note in run.summary.notes)


def test_of_a_request_that_is_sent_again_the_last_answer_counts(play, one_user, answer):
    answers = [answer(0.1, 503, json={"fallback_used": False}), answer(json={"fallback_used": 1})]
    run = play(one_user(step("retry = { on = [503] }")), lambda _: answers.pop(0))

    assert run.outcomes("fallbacks") == {"used": 1}


def test_without_an_answer_nothing_is_said_of_a_fallback(play, one_user, answer):
    run = play(one_user(step()), answer(0.1, outcome="reset"))

    assert not run.outcomes("fallbacks")


def test_steps_that_do_not_say_what_a_fallback_is_have_none(play, one_user, answer):
    plain = step().replace('fallback = "json.fallback_used"', "")
    run = play(one_user(plain), answer(0.1, json={"fallback_used": True}))

    assert not run.outcomes("fallbacks")
