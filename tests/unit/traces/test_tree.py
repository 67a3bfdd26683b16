from tests.helpers.spans import SENDER, span
from wedload.traces.tree import grow


def tree_of(*spans):
    grown = grow(spans, SENDER)
    (root,) = grown.roots
    return root, grown


def test_self_time_is_what_no_child_covers_whether_they_overlap_or_not():
    root, _ = tree_of(
        span(1, 0, 0, 100), span(2, 1, 10, 40), span(3, 1, 30, 50), span(4, 1, 70, 80)
    )
    assert root.self_ns == 100 - 40 - 10
    assert [child.self_ns for child in root.children] == [30, 20, 10]


def test_a_child_counts_as_far_as_it_lies_within_its_parent():
    """As services have clocks of their own."""
    root, _ = tree_of(
        span(1, 0, 100, 200), span(2, 1, 90, 120), span(3, 2, 80, 130), span(4, 1, 300, 400)
    )
    late, skewed = sorted(root.children, key=lambda node: -node.begin_ns)
    assert (skewed.begin_ns, skewed.end_ns) == (100, 120)
    assert (skewed.children[0].begin_ns, skewed.children[0].end_ns) == (100, 120)
    assert late.length_ns == 0
    assert root.self_ns == 80


def test_a_span_whose_parent_is_not_there_is_below_the_root():
    root, grown = tree_of(span(1, 0, 0, 100), span(2, 77, 20, 60), span(3, None, 70, 80))
    assert grown.orphans == 2
    assert root.self_ns == 50


def test_without_a_span_of_the_request_those_without_a_parent_are_roots():
    """What is in front of the services may tell of its spans somebody else."""
    root, grown = tree_of(span(1, 55, 0, 100), span(2, 1, 10, 30))
    assert root.self_ns == 80
    assert grown.orphans == 0


def test_requests_that_share_a_trace_have_a_root_each_unless_they_overlap():
    grown = grow(
        [span(1, 0, 0, 10), span(2, 0, 20, 50), span(3, 0, 30, 70), span(4, 2, 21, 22)], SENDER
    )
    assert [root.length_ns for root in grown.roots] == [10, 30]
    assert grown.roots[1].self_ns == 30 - 1 - 20


def test_a_cycle_is_below_no_root():
    grown = grow([span(1, 0, 0, 9), span(2, 3, 1, 2), span(3, 2, 1, 2), span(4, 4, 1, 2)], SENDER)
    assert len(grown.roots) == 1
    assert grown.cycles == 3


def test_where_all_is_a_cycle_there_is_no_root():
    grown = grow([span(1, 2, 0, 9), span(2, 1, 0, 9)], SENDER)
    assert grown.roots == []
    assert grown.cycles == 2


def test_a_chain_of_any_depth_is_a_tree():
    root, _ = tree_of(*(span(depth + 1, depth, 0, 10_000 - depth) for depth in range(5_000)))
    assert len(list(root.below())) == 5_000
