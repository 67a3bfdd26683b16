"""What a run's processes tell: without secrets, as samples and findings."""

from __future__ import annotations

import pytest

from wedload.errors import WorkerError
from wedload.metrics.cleanup_count import CleanupCount
from wedload.metrics.snapshot import Snapshot
from wedload.run.logbook import Logbook
from wedload.run.stopping import Stopping
from wedload.safety.redactor import Redactor


@pytest.fixture
def said():
    return []


@pytest.fixture
def log(make, said):
    view = make(seconds=0).view
    view.elapsed_s = 7.0
    return Logbook(view, Redactor(["s3cret"]), said.append, Stopping("load"))


def test_secrets_in_notes_are_gone_before_anybody_keeps_them(log):
    log.recorded(Snapshot(0, 0, notes={"key s3cret": 2, "key [redacted]": 1}))

    assert log.view.summary.notes == {"key [redacted]": 3}


def test_a_lost_load_process_ends_the_load_and_makes_the_run_invalid(log, said):
    log.lost(WorkerError("a load process was lost: s3cret"))

    (finding,) = log.findings
    assert (finding.kind, finding.invalidates) == ("worker-lost", True)
    assert "while load, after 7 s of load" in finding.message
    assert said == ["stopping: a load process was lost: [redacted]"]
    assert (log.phase, log.stopping.stopped_load) == ("stopping", True)


def test_load_processes_that_we_ended_are_not_lost(log, said):
    log.stopping.phase = "finishing"
    log.stopping.interrupted()
    log.stopping.interrupted()

    log.lost(WorkerError("a load process was lost: signal 9"))

    assert (log.findings, said) == ([], [])


@pytest.mark.parametrize(
    ("left", "message"),
    [
        (None, "Clean-up was cut off by an interrupt before it had begun"),
        (1234, "Clean-up was cut off by an interrupt with at least 1,234 requests left"),
    ],
)
def test_a_clean_up_that_was_given_up_says_what_is_left(log, left, message):
    log.gave_up(left)

    (finding,) = log.findings
    assert finding.message.startswith(message)
    assert (finding.invalidates, finding.fails) == (False, True)


def test_what_clean_up_could_not_delete_is_said_without_secrets(log):
    count = CleanupCount(3, 1, 2, {"status 500 s3cret": 2})
    log.cleaned_up(count)

    assert count.reasons == {"status 500 [redacted]": 2}
    assert log.findings[0].message == "Clean-up left 2 of 3 behind: status 500 [redacted] (2)."
    assert log.findings[0].fails


def test_what_is_left_names_the_command_that_goes_on_with_it(log):
    log.again = "wedload cleanup r-1"
    log.cleaned_up(CleanupCount(3, 1, 2, {"status 500": 2}))

    assert log.findings[0].message.endswith("; `wedload cleanup r-1` goes on with it.")


@pytest.mark.parametrize(("covered", "told"), [(None, True), (False, True), (True, False)])
def test_what_nobody_could_name_is_said_unless_it_was_swept_away(log, covered, told):
    log.cleaned_up(CleanupCount(3, 3, uncertain=2, covered=covered))

    assert [one.kind for one in log.findings] == ["cleanup-uncertain"] * told


def test_a_sweep_that_failed_fails_the_run_and_says_why_without_secrets(log):
    log.not_swept("sweep: status 500 s3cret")

    (finding,) = log.findings
    assert (finding.kind, finding.invalidates, finding.fails) == ("cleanup-sweep", False, True)
    assert "(sweep: status 500 [redacted])" in finding.message


def test_a_cut_load_is_judged_and_said_to_be_cut(log):
    log.stopping.interrupted()

    _, verdict = log.judged()

    assert "interrupted" in [one.kind for one in verdict.findings]
    assert log.view.timeline.is_closed


def test_a_load_beyond_what_a_service_allows_is_said_before_it_and_in_the_end(log, said):
    log.channel_limits("The channel is asked for too much.")

    (finding,) = log.findings
    assert (finding.kind, finding.invalidates) == ("channel-limits", False)
    assert said == ["warning, the channel is asked for too much"]
