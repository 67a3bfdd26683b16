"""Self times of query plans: those that a plan was made of are found in it again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.results.query_plan import culprit_of, self_times_ms


@dataclass
class Made:
    """A node as it ran: its own time by the clock, and how often for each run of its parent."""

    own_ms: float
    runs: int
    processes: int  # more than 1: a Gather, below which so many work at the same time
    children: list[Made] = field(default_factory=list)

    def every(self):
        yield self
        for child in self.children:
            yield from child.every()

    def total_ms(self):
        return self.own_ms + sum(child.total_ms() for child in self.children)

    def explained(self, loops=1, processes=1):
        """As EXPLAIN has it: means of a loop, the loops of all processes together."""
        loops *= self.runs
        spent_ms = self.total_ms() * processes  # by all of them
        below = processes if self.processes == 1 else self.processes
        # each process runs what is below a Gather once for each of its loops
        within = loops if self.processes == 1 else loops * self.processes
        return {
            "Node Type": "Result" if self.processes == 1 else "Gather",
            "Actual Total Time": spent_ms / loops,
            "Actual Loops": loops,
            "Actual Rows": 1,
            "Plans": [child.explained(within, below) for child in self.children],
        }


def nodes(children, *, gathers):
    processes = st.integers(1, 4) if gathers else st.just(1)
    return st.builds(Made, st.floats(0.001, 1e4), st.integers(1, 50), processes, children)


BELOW_GATHER = st.recursive(
    nodes(st.just([]), gathers=False),
    lambda inner: nodes(st.lists(inner, min_size=1, max_size=3), gathers=False),
    max_leaves=6,
)


@st.composite
def gathers(draw):
    """A Gather over something, of which the plans below are run once by each process."""
    below = draw(BELOW_GATHER)
    below.runs = 1
    return Made(
        draw(st.floats(0.001, 1e4)), draw(st.integers(1, 3)), draw(st.integers(2, 4)), [below]
    )


TREES = st.recursive(
    st.one_of(nodes(st.just([]), gathers=False), gathers()),
    lambda inner: nodes(st.lists(inner, min_size=1, max_size=3), gathers=False),
    max_leaves=8,
)


@given(TREES)
def test_self_times_are_those_that_the_plan_was_made_of(tree):
    tree.runs = 1
    found = self_times_ms([{"Plan": tree.explained()}])
    total_ms = tree.total_ms()
    assert [ms for _, ms in found] == [
        pytest.approx(one.own_ms, abs=1e-6 * total_ms) for one in tree.every()
    ]
    assert sum(ms for _, ms in found) == pytest.approx(total_ms)


@given(TREES)
def test_the_culprit_is_the_node_with_the_most_time_of_its_own(tree):
    tree.runs = 1
    found = culprit_of([{"Plan": tree.explained(), "Execution Time": tree.total_ms()}])
    most = max(one.own_ms for one in tree.every())
    assert found.self_ms == pytest.approx(most, rel=1e-3, abs=1e-6 * tree.total_ms() + 0.001)


@given(TREES, st.floats(0.0, 1.0))
def test_a_cte_adds_nothing_to_the_whole_however_its_readers_share_it(tree, share):
    """One that runs when a scan first asks, and another scan that reads what is there."""
    tree.runs = 1
    cte = {**tree.explained(), "Parent Relationship": "InitPlan", "Subplan Name": "CTE a"}
    of_first = tree.total_ms() * share
    scans = [
        {"Node Type": "CTE Scan", "CTE Name": "a", "Actual Total Time": ms, "Actual Loops": 1}
        for ms in (of_first + 1.0, tree.total_ms() - of_first + 2.0)
    ]
    total = tree.total_ms() + 3.0
    whole = {
        "Node Type": "Append", "Actual Total Time": total, "Actual Loops": 1,
        "Plans": [cte, *scans],
    }  # fmt: skip
    found = self_times_ms([{"Plan": whole}])
    assert sum(ms for _, ms in found) == pytest.approx(total)
