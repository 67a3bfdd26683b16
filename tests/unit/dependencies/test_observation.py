"""Attempts and operations become samples of their dependency, in the phases that they belong to."""

from __future__ import annotations

from typing import Any

from tests.helpers.attempts import attempt
from wedload.dependencies.observation import Observation
from wedload.metrics.recorder import Recorder
from wedload.plan.third_parties import Dependency, Policy
from wedload.units import NS_PER_MS

BEGAN, ENDED = 1_000, 20_000  # ms
#: from the begin of the load on: nothing is in force, a fault, nothing
PHASES = [(0, 1), (5_000 * NS_PER_MS, 2), (10_000 * NS_PER_MS, 1)]


class Observed:
    """An observation of one dependency whose series is 7."""

    def __init__(self, policy: Policy | None = None, **bounds: int) -> None:
        self.recorder = Recorder()
        dependency = Dependency(simulate="google-calendar", policy=policy)
        self.told = Observation(
            self.recorder, {"calendar": dependency}, {"calendar": 7}, PHASES, **bounds
        )

    def begin(self):
        self.told.begin(BEGAN * NS_PER_MS)
        return self

    def end(self):
        self.told.end(ENDED * NS_PER_MS)

    def feed(self, *attempts):
        for one in attempts:
            self.told(one)

    def finished(self) -> tuple[dict[Any, int], dict[Any, list[float]]]:
        """Counts by metric, phase and outcome; of trends how many, and their mean."""
        self.told.finish()
        snapshot = self.recorder.flush(0, 0, {})
        assert {key.series for key in (*snapshot.counts, *snapshot.trends)} <= {7}
        return (
            {(one.metric, one.phase, one.outcome): n for one, n in snapshot.counts.items()},
            {
                (one.metric, one.phase, one.outcome): (seen.count, seen.sum_ns)
                for one, seen in snapshot.trends.items()
            },
        )


def test_each_attempt_is_a_sample_of_the_phase_in_which_it_came() -> None:
    seen = Observed().begin()
    seen.feed(
        attempt(1_100, 1_130), attempt(5_999, 6_100, "b", outcome="error"),
        attempt(6_000, 6_200, "c", outcome="quota"), attempt(11_000, 11_050, "d"),
    )  # fmt: skip
    counts, trends = seen.finished()
    assert counts["dependency_requests", 1, "ok"] == 2
    assert counts["dependency_requests", 1, "error"] == 1
    assert counts["dependency_requests", 2, "quota"] == 1
    assert counts["quota_breaches", 2, ""] == 1
    assert trends["dependency_duration", 1, "ok"] == (2, 80 * NS_PER_MS)
    assert trends["dependency_duration", 2, "quota"] == (1, 200 * NS_PER_MS)


def test_an_operation_belongs_to_the_phase_in_which_its_first_attempt_came() -> None:
    seen = Observed().begin()
    seen.feed(
        attempt(5_900, 5_950, outcome="error"), attempt(6_100, 6_150, outcome="error"),
        attempt(6_450, 6_500),
    )  # fmt: skip
    counts, trends = seen.finished()
    assert counts["dependency_operations", 1, "ok"] == 1
    assert trends["operation_attempts", 1, ""] == (1, 3)
    assert trends["operation_duration", 1, ""] == (1, 600 * NS_PER_MS)
    assert trends["retry_gap", 1, ""] == (2, 450 * NS_PER_MS)
    assert counts["dependency_requests", 2, "error"] == 1


def test_what_set_up_asked_for_is_counted_apart_and_not_recorded() -> None:
    seen = Observed()
    seen.feed(attempt(0, 10, "set-up"))
    seen.begin()
    seen.feed(attempt(990, 1_010, "under way"), attempt(1_005, 1_020, "set-up"))
    assert seen.finished() == ({}, {})
    assert seen.told.reports()["calendar"]["outside"] == 3


def test_after_the_load_only_what_it_has_begun_is_recorded() -> None:
    seen = Observed().begin()
    seen.feed(attempt(19_900, 19_950, outcome="error"))
    seen.end()
    seen.feed(attempt(20_100, 20_150), attempt(20_200, 20_250, "tear-down"))
    counts, trends = seen.finished()
    assert counts["dependency_requests", 1, "ok"] == 1
    assert trends["operation_attempts", 1, ""] == (1, 2)
    assert seen.told.reports()["calendar"]["outside"] == 1


def test_retries_are_held_against_policy_and_retry_after() -> None:
    seen = Observed(Policy(attempts=2, gap=100 * NS_PER_MS)).begin()
    seen.feed(
        attempt(2_000, 2_010, "kept", outcome="quota", retry_after=1_000),
        attempt(2_000, 2_010, "early", outcome="quota", retry_after=1_000),
        attempt(2_015, 2_020, "early"),
        attempt(3_010, 3_020, "kept"),
        *(attempt(at, at + 10, "many", outcome="error") for at in (4_000, 4_200, 4_400)),
    )
    counts, _ = seen.finished()
    assert counts["retry_policies", 1, "ok"] == 1
    assert counts["retry_policies", 1, "gap"] == 1
    assert counts["retry_policies", 1, "attempts"] == 1
    assert counts["retry_afters", 1, "ok"] == 1
    assert counts["retry_afters", 1, "early"] == 1
    report = seen.told.reports()["calendar"]
    assert report["policy_broken"] == {"gap": 1, "attempts": 1}
    assert report["most_attempts"] == 3


def test_who_is_told_to_wait_and_gives_up_has_kept_to_it() -> None:
    seen = Observed().begin()
    seen.feed(attempt(2_000, 2_010, outcome="status", retry_after=2_000))
    assert seen.finished()[0]["retry_afters", 1, "ok"] == 1


def test_without_a_policy_none_is_counted() -> None:
    seen = Observed().begin()
    seen.feed(attempt(2_000, 2_010))
    assert not [key for key in seen.finished()[0] if key[0] == "retry_policies"]


def test_duplicates_hedges_and_faults_are_told() -> None:
    seen = Observed().begin()
    seen.feed(
        attempt(2_050, 2_090, done=True, faults=("slow",)),
        attempt(2_000, 2_400, outcome="gone", done=True, faults=("slow", "odd")),
        attempt(3_000, 3_010, "", outcome="wrong"),
    )
    counts, _ = seen.finished()
    assert counts["dependency_duplicates", 1, ""] == 1
    assert counts["dependency_operations", 1, "failed"] == 1
    report = seen.told.reports()["calendar"]
    assert report["hedged"] == 1
    assert report["without_key"] == 1
    assert report["faults"] == {"slow": 2, "odd": 1}


def test_operations_are_recorded_as_they_are_over_and_no_more_is_held_than_allowed() -> None:
    seen = Observed(most=10, quiet_ns=1_000 * NS_PER_MS).begin()
    for number in range(100):
        seen.feed(attempt(2_000 + number, 2_001 + number, str(number)))
    assert seen.told.cut == 90
    seen.told.sweep(4_000 * NS_PER_MS)
    counts, _ = seen.finished()
    assert counts["dependency_operations", 1, "ok"] == 100
    assert seen.told.reports()["calendar"]["cut_operations"] == 90
