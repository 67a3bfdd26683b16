"""Self times and critical paths of any trees, against looking at every single ns."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.spans import SENDER, span
from wedload.traces.critical_path import critical_shares
from wedload.traces.totals import Totals
from wedload.traces.tree import grow
from wedload.workload.trace_ids import TraceMark

INSTANTS = st.integers(0, 40)


@st.composite
def trees(draw: st.DrawFn):
    """Spans of one root; each other is below one that was drawn before, and may lie anywhere."""
    begin, end = sorted((draw(INSTANTS), draw(INSTANTS)))
    spans = [span(1, 0, begin, end)]
    for own in range(2, draw(st.integers(1, 12)) + 1):
        begin, end = sorted((draw(INSTANTS), draw(INSTANTS)))
        spans.append(span(own, draw(st.integers(1, own - 1)), begin, end))
    return spans


def clamped(spans):
    """Number of a span -> (parent, begin, end), its parent's first: an oracle of its own."""
    found: dict[bytes, tuple[bytes, int, int]] = {}
    for one in spans:
        parent, begin, end = one.parent_id, one.begin_ns, one.end_ns
        if parent != SENDER:
            _, low, high = found[parent]
            begin, end = (max(low, min(high, at)) for at in (begin, end))
        found[one.span_id] = parent, begin, end
    return found


@given(trees())
def test_self_times_are_the_instants_that_no_child_covers(spans):
    places = clamped(spans)
    (root,) = grow(spans, SENDER).roots
    for node in root.below():
        own = node.span.span_id
        _, begin, end = places[own]
        children = [(low, high) for parent, low, high in places.values() if parent == own]
        expected = sum(
            not any(low <= at < high for low, high in children) for at in range(begin, end)
        )
        assert node.self_ns == expected


@given(trees())
def test_the_critical_path_is_found_by_walking_back_ns_by_ns(spans):
    places = clamped(spans)
    (root,) = grow(spans, SENDER).roots
    expected: Counter[bytes] = Counter()
    path = [root.span.span_id]
    for at in range(root.end_ns, root.begin_ns, -1):  # the ns before each instant
        while len(path) > 1 and at == places[path[-1]][1]:
            path.pop()
        while True:  # into whoever is under way then, and in it into whoever is
            under_way = [
                (-end, begin, own)
                for own, (parent, begin, end) in places.items()
                if parent == path[-1] and begin < at <= end
            ]
            if not under_way:
                break
            path.append(min(under_way)[2])
        expected[path[-1]] += 1
    found = {node.span.span_id: ns for node, ns in critical_shares(root).items() if ns}
    assert found == dict(expected)


@given(trees(), st.randoms())
def test_shares_add_up_to_the_root_whatever_the_order_of_spans(spans, random):
    (root,) = grow(spans, SENDER).roots
    shares = critical_shares(root)
    assert sum(shares.values()) == root.length_ns
    assert all(0 <= ns <= node.self_ns for node, ns in shares.items())
    mixed = list(spans)
    random.shuffle(mixed)
    (other,) = grow(mixed, SENDER).roots
    assert {node.span: ns for node, ns in critical_shares(other).items()} == {
        node.span: ns for node, ns in shares.items()
    }


@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.none() | st.integers(0, 14), INSTANTS, INSTANTS),
        max_size=12,
        unique_by=lambda one: one[0],
    )
)
def test_spans_of_any_parents_are_all_in_one_tree_or_in_a_cycle(drawn):
    spans = [
        span(own, parent, min(begin, end), max(begin, end)) for own, parent, begin, end in drawn
    ]
    grown = grow(spans, SENDER)
    reached = [node.span.span_id for root in grown.roots for node in root.below()]
    assert len(reached) == len(set(reached)) == len(spans) - grown.cycles
    assert bool(grown.cycles) == _has_cycle(drawn)
    for root in grown.roots:
        assert sum(critical_shares(root).values()) == root.length_ns


def _has_cycle(drawn) -> bool:
    parents = {own: parent for own, parent, _, _ in drawn}
    for own in parents:
        at, steps = own, 0
        while at in parents and steps <= len(parents):
            at, steps = parents[at], steps + 1
        if steps > len(parents):
            return True
    return False


@given(st.lists(st.tuples(st.integers(0, 2_000), trees()), max_size=8))
def test_totals_of_any_length_of_run_keep_every_ns(traces):
    totals = Totals()
    for second, spans in traces:
        totals.add(TraceMark(1, 2, second, 0, 1), grow(spans, SENDER).roots)
    assert all(at.slot < 120 for at in totals.steps)
    for at, step in totals.steps.items():
        own = [one for key, one in totals.operations.items() if key.at == at]
        assert sum(one.critical_ns for one in own) == step.root_ns
    assert sum(one.count for one in totals.steps.values()) == len(traces)
    assert sum(one.count for one in totals.operations.values()) == sum(
        len(spans) for _, spans in traces
    )
