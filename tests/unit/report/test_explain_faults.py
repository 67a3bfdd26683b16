"""Faults, explained before a run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.tables import LONG, widths
from tests.helpers.third_party_plans import WITH_THIRD_PARTIES
from wedload.plan.fault_times import FaultSpan
from wedload.plan.loader import load_plan
from wedload.report.explain import explain
from wedload.report.explain_faults import fault_line
from wedload.workload.compile_plan import Settings, compile_workload

FAULT = '[[faults]]\nname = "{name}"\non = "{on}"\nat = "{at}"\nfor = "1m"\n{what}\n'


@pytest.fixture
def explained(tmp_path, console):
    """What is said about a plan, line by line; none is wider than 80 columns."""

    def of(text, *, time_scale=1.0, target="sandbox"):
        (tmp_path / "plan.toml").write_text(text)
        loaded = load_plan(tmp_path / "plan.toml")
        settings = Settings(target, "http://127.0.0.1:8000", time_scale=time_scale)
        workload = compile_workload(loaded.plan, settings)
        explain(loaded, workload, target, console, time_scale=time_scale)
        said = console.export_text()
        assert max(widths(said)) <= 80
        return said

    return of


def words(said):
    return " ".join(said.split())


def test_each_fault_is_told_with_when_it_is_in_force(explained):
    said = words(explained(WITH_THIRD_PARTIES))

    assert (
        "fault on from until calendar outage calendar 01:00 01:30 down slow database db, "
        "sandbox.database 02:00 03:00 later: in 200ms, ± 50ms mail trickles slow-mail 02:00 03:00 "
        "1,000 bytes a second, pieces of 64 ± 16 bytes, 10ms apart, both ways; 50 % suffer it"
    ) in said


def test_the_chart_shows_where_a_fault_is_in_force(explained):
    (line,) = [one for one in explained(WITH_THIRD_PARTIES).splitlines() if "faults  " in one]

    assert line.rstrip() == "  faults " + " " * 12 + "━" * 6 + " " * 6 + "━" * 12


def test_the_time_scale_is_that_of_the_run(explained):
    said = explained(WITH_THIRD_PARTIES, time_scale=0.5)

    assert "calendar outage calendar 00:30 00:45 down" in words(said)
    (line,) = [one for one in said.splitlines() if "faults  " in one]
    assert line.rstrip() == "  faults " + " " * 12 + "━" * 6 + " " * 6 + "━" * 12


def test_a_fault_without_an_after_is_told_as_such(explained):
    more = FAULT.format(name="late", on="pay", at="4m", what="down = true")

    said = words(explained(WITH_THIRD_PARTIES + more))

    assert said.count('there is no "after" of it') == 1
    assert "late pay 04:00 05:00 down lasts until the load is over: there is no" in said


def test_what_is_of_the_sandbox_does_not_go_wrong_elsewhere(explained):
    more = '[targets.there]\nbase_url = "http://127.0.0.1:8000"\n'
    more += '[proxies.all]\nupstream = "sandbox"\n'
    more += FAULT.format(name="cut", on="all", at="4m", what="down = true").replace("1m", "10s")

    said = words(explained(WITH_THIRD_PARTIES + more, target="there"))

    assert "there is not the sandbox: nothing goes wrong with sandbox.database" in said
    assert "there is not the sandbox: nothing goes wrong with all" in said
    assert said.count("is not the sandbox") == 2


def test_long_names_stay_within_eighty_columns(explained):
    more = FAULT.format(name=LONG, on=LONG, at="1m", what='latency = "1s"')

    said = explained(f'{WITH_THIRD_PARTIES}[dependencies."{LONG}"]\nsimulate = "email"\n{more}')

    assert LONG[:12] in said


@given(
    st.integers(1, 10**13),
    st.integers(0, 10**13),
    st.integers(1, 10**13),
    st.integers(1, 100),
)
def test_a_fault_is_shown_if_and_only_if_it_begins_within_the_load(end, begin, lasts, columns):
    line = fault_line([FaultSpan("x", begin, begin + lasts)], end, columns)

    assert len(line) == columns
    assert ("━" in line) == (begin < end)
    assert "  " not in line.strip()  # it is in one piece
