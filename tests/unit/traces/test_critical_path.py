from tests.helpers.spans import SENDER, span
from wedload.traces.critical_path import critical_shares
from wedload.traces.tree import grow


def shares_of(*spans):
    (root,) = grow(spans, SENDER).roots
    found = critical_shares(root)
    return {node.span.operation: ns for node, ns in found.items()}


def test_it_goes_back_from_the_end_by_the_child_that_ends_last():
    """Two run at the same time: the longer one was waited for, the other cost nothing."""
    shares = shares_of(
        span(1, 0, 0, 100, operation="root"),
        span(2, 1, 10, 30, operation="first"),
        span(3, 1, 40, 90, operation="long"),
        span(4, 1, 45, 60, operation="beside"),
    )
    assert shares == {"root": 10 + 10 + 10, "long": 50, "first": 20}


def test_within_a_child_it_goes_on_with_that_ones_children():
    shares = shares_of(
        span(1, 0, 0, 100, operation="root"),
        span(2, 1, 20, 80, operation="call"),
        span(3, 2, 30, 70, operation="query"),
    )
    assert shares == {"root": 40, "call": 20, "query": 40}


def test_a_child_that_is_overtaken_counts_up_to_where_the_next_one_begins():
    shares = shares_of(
        span(1, 0, 0, 10, operation="root"),
        span(2, 1, 1, 7, operation="first"),
        span(3, 1, 5, 9, operation="second"),
        span(4, 2, 3, 6, operation="within the first"),
    )
    assert shares == {"root": 2, "second": 4, "first": 2, "within the first": 2}


def test_of_children_that_end_together_the_longer_one_counts():
    shares = shares_of(
        span(1, 0, 0, 10, operation="root"),
        span(2, 1, 5, 9, operation="short"),
        span(3, 1, 2, 9, operation="long"),
    )
    assert shares == {"root": 3, "long": 7}


def test_a_child_without_any_length_costs_nothing():
    assert shares_of(span(1, 0, 0, 9, operation="root"), span(2, 1, 9, 9)) == {"root": 9}
