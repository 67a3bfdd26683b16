"""`retry`: policies that are read, and the waits that they mean."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import random

import pytest

from wedload.plan.retry import Retry
from wedload.units import NS_PER_MS

LONG = Retry(attempts=20, base_ns=100, max_ns=10_000)


def test_a_policy_has_defaults_and_keeps_what_it_is_given(load, valid):
    def policy(text):
        return (
            load(f'{valid}rate_limits = "probe"\nretry = {text}\n').plan.workflows["visit"][0].retry
        )

    assert policy("{}") == Retry()
    assert policy(
        '{ attempts = 5, on = ["tls", "5xx", 429], backoff = "constant", base = "1s", max = "2s", '
        "respect_retry_after = false }"
    ) == Retry(
        5, frozenset({"tls"}), frozenset({429, *range(500, 600)}), "constant", 1000 * NS_PER_MS,
        2000 * NS_PER_MS, respect_retry_after=False,
    )  # fmt: skip
    assert policy("{ on = 503 }").statuses == {503}


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("5", "retry: expected { attempts"),
        (
            "{ attempt = 3 }",
            "retry.attempt: there is no key `attempt` here; did you mean attempts?",
        ),
        ("{ attempts = 1 }", "retry.attempts: is 1; it must be a number from 2 to 20"),
        ("{ attempts = true }", "retry.attempts: is a boolean"),
        ("{ attempts = 21 }", "it must be a number from 2 to 20"),
        (
            '{ on = ["timeout", "timout"] }',
            "retry.on[1]: 'timout' is neither a status nor a kind of failure; did you mean timeout?",
        ),
        ("{ on = [] }", "retry.on: names nothing"),
        ("{ on = [99] }", "retry.on[0]: 99 is neither"),
        ('{ backoff = "linear" }', 'retry.backoff: "linear" is not known here'),
        ('{ base = "1" }', "retry.base: "),
        ('{ base = "6s" }', "retry.base: base is longer than max"),
        ('{ max = "50ms" }', "retry: base is longer than max"),
        ('{ respect_retry_after = "yes" }', "retry.respect_retry_after: expected true or false"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said_at_its_key(problems, valid, policy, said):
    (problem,) = problems(f"{valid}retry = {policy}\n")
    assert problem.startswith("plan.toml:13: workflows.visit[0].retry")
    assert said in problem


def test_waits_double_up_to_the_longest():
    waits = [LONG.delay_ns(attempt, random.Random(1)) for attempt in range(1, 20)]
    assert waits[:8] == [100, 200, 400, 800, 1600, 3200, 6400, 10_000]
    assert set(waits[8:]) == {10_000}


def test_constant_waits_are():
    policy = Retry(backoff="constant", base_ns=7, max_ns=9)
    assert {policy.delay_ns(attempt, random.Random(1)) for attempt in range(1, 10)} == {7}


def test_waits_with_jitter_are_anything_up_to_those_without():
    policy = Retry(backoff="exponential-jitter", base_ns=100, max_ns=400)
    rng = random.Random(1)
    for attempt, most in ((1, 100), (2, 200), (3, 400), (9, 400)):
        waits = [policy.delay_ns(attempt, rng) for _ in range(1000)]
        assert 0 <= min(waits) < most * 0.05
        assert most * 0.95 < max(waits) <= most


def test_another_request_follows_what_the_policy_names_and_not_the_last():
    policy = Retry(attempts=3, outcomes=frozenset({"reset"}), statuses=frozenset({503}))
    assert policy.wants(1, "reset", 0)
    assert policy.wants(2, "status", 503)
    assert not policy.wants(3, "reset", 0)
    assert not policy.wants(1, "timeout", 0)
    assert not policy.wants(1, "ok", 200)
