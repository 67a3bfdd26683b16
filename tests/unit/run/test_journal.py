"""Which runs keep a journal, what is in it, and when it goes."""

from __future__ import annotations

import pytest

from wedload.errors import JournalError
from wedload.metrics.cleanup_count import CleanupCount
from wedload.plan.loader import parse_plan
from wedload.run.journal import KeptJournal, is_to_be_undone
from wedload.safety.journal.reader import is_going, read_account
from wedload.workload.compile_plan import Settings

PLAN = """\
schema = 1
name = "small"
[targets.there]
base_url = "http://127.0.0.1:8000"
[targets.own]
sandbox = true
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1m"
workflow = "visit"
[[workflows.visit]]
http = "POST /things"
"""
CREATES = PLAN + 'cleanup = "DELETE /things"\n'
SWEEPS = PLAN + '[cleanup]\nsweep = "DELETE /runs/${run.id}"\n'
TEARS_DOWN = PLAN + '[[teardown]]\nhttp = "POST /close"\n'
BATCHED = PLAN + '[[workflows.visit]]\nbatch = [{ http = "POST /a", cleanup = "DELETE /a" }]\n'
SECRETS = {("env", "WEDLOAD_KEY"): "open-sesame"}
LEAK = CleanupCount(2, 1, 1, {"status 500": 1})
GONE = CleanupCount(2, 2)


def loaded(text: str, tmp_path):
    return parse_plan(text, file="plans/p.toml", base=tmp_path, overrides=("name=other",))


@pytest.fixture
def keep(tmp_path):
    """A journal of a run of this plan, and what it notices."""

    def kept(text: str = CREATES, target: str = "there"):
        notices: list[str] = []
        journal = KeptJournal(tmp_path / "runs" / "r-1" / "journal", "r-1", notices.append)
        settings = Settings(target, "http://127.0.0.1:8000", run_id="r-1", seed=5)
        where = journal.begin(loaded(text, tmp_path), settings, 2, SECRETS)
        return journal, where, notices

    return kept


@pytest.mark.parametrize("text", [CREATES, SWEEPS, TEARS_DOWN, BATCHED])
def test_a_run_with_something_to_undo_keeps_one(text, tmp_path):
    assert is_to_be_undone(loaded(text, tmp_path).plan, "there")


def test_others_do_not_nor_does_one_whose_target_ends_with_it(keep, tmp_path):
    assert not is_to_be_undone(loaded(PLAN, tmp_path).plan, "there")
    assert not is_to_be_undone(loaded(CREATES, tmp_path).plan, "own")
    journal, where, notices = keep(PLAN)
    journal.begun()
    journal.captured({"a": 1})
    journal.cleaned_up(LEAK, whole=True)
    journal.close()
    assert (where, journal.again, notices) == ("", None, [])


def test_it_says_which_run_it_is_how_far_that_is_and_goes_on_as_long_as_it_does(keep, tmp_path):
    journal, where, _ = keep()
    journal.begun()
    journal.captured({"tenant": "t-1", "token": "secret-of-the-target"})
    assert is_going(where)
    journal.torn_down()
    journal.cleaned_up(LEAK, whole=True)
    journal.close()

    account = read_account(where, SECRETS)
    head = account.head
    assert (head.run_id, head.target, head.seed, head.workers) == ("r-1", "there", 5, 2)
    assert (head.plan_file, head.plan_folder) == ("plans/p.toml", str(tmp_path.resolve()))
    assert (head.plan_text, head.overrides) == (CREATES, ("name=other",))
    assert account.variables == {"tenant": "t-1"}
    assert account.untold_variables == ("token",)
    assert (account.torn_down, account.swept, account.ended) == (True, False, True)
    assert not is_going(where)


@pytest.mark.parametrize(
    ("count", "whole", "stays"),
    [
        (GONE, True, False),
        (GONE, False, True),  # cut off
        (LEAK, True, True),
        (CleanupCount(2, 2, uncertain=1), True, False),  # a journal would not help
        (CleanupCount(2, 2, covered=True), True, False),
        (CleanupCount(2, 2, covered=False), True, True),
    ],
)
def test_it_stays_where_something_is_left_and_says_what_deletes_it(
    keep, tmp_path, count, whole, stays
):
    journal, _, notices = keep()
    journal.begun()
    journal.cleaned_up(count, whole=whole)
    journal.close()

    assert (tmp_path / "runs" / "r-1").exists() is stays
    told = ["`wedload cleanup r-1` deletes what is left of the run"]
    assert notices == told * stays


def test_it_stays_where_nothing_was_cleaned_up_but_not_where_nothing_had_begun(keep, tmp_path):
    journal, _, _ = keep()
    journal.close()
    assert not (tmp_path / "runs" / "r-1").exists()

    journal, where, _ = keep()
    journal.begun()
    journal.close()
    assert read_account(where, SECRETS).head.run_id == "r-1"


def test_one_that_cannot_be_written_is_said_before_anything_is_created(keep, tmp_path):
    (tmp_path / "runs").write_text("in the way")

    with pytest.raises(JournalError, match="journal"):
        keep()
