from tests.helpers.spans import SENDER, span
from wedload.traces.totals import (
    MOST_OPERATIONS,
    MOST_SERVICES,
    OTHER,
    OperationKey,
    OperationTotal,
    StepKey,
    Totals,
)
from wedload.traces.tree import grow
from wedload.workload.trace_ids import TraceMark


def mark(second: int = 0, series: int = 1) -> TraceMark:
    return TraceMark(series, 2, second, 0, 1)


def roots(*spans):
    return grow(spans, SENDER).roots


def test_spans_of_an_operation_add_up_within_the_steps_slot():
    totals = Totals()
    for long in (30, 50):
        totals.add(
            mark(7),
            roots(
                span(1, 0, 0, 100, operation="GET /"),
                span(2, 1, 10, 10 + long, operation="SELECT", asks="postgresql", failed=long > 40),
            ),
        )
    at = StepKey(7, 1, 2)
    assert totals.steps[at].count == 2
    assert totals.steps[at].root_ns == 200
    assert totals.operations == {
        OperationKey(at, "api", "GET /"): OperationTotal(2, 120, 120, 70, 0),
        OperationKey(at, "postgresql", "SELECT"): OperationTotal(2, 80, 80, 50, 1),
    }


def test_longer_slots_hold_what_shorter_ones_held():
    totals = Totals()
    for second in (0, 1, 2, 130):
        totals.add(mark(second), roots(span(1, 0, 0, 10, operation="GET")))
    assert totals.slot_s == 2
    assert {at.slot: one.count for at, one in totals.steps.items()} == {0: 2, 1: 1, 65: 1}
    assert {key.at.slot: one.self_ns for key, one in totals.operations.items()} == {
        0: 20, 1: 10, 65: 10,
    }  # fmt: skip


def test_operations_beyond_the_most_are_told_as_others_of_their_service():
    totals = Totals()
    for number in range(MOST_OPERATIONS + 5):
        totals.add(mark(), roots(span(1, 0, 0, 10, operation=f"GET /{number}")))
    others = totals.operations[OperationKey(StepKey(0, 1, 2), "api", OTHER)]
    assert others.count == 5
    assert len(totals.operations) == MOST_OPERATIONS + 1


def test_services_beyond_the_most_are_others_too():
    totals = Totals()
    for number in range(MOST_SERVICES + 3):
        totals.add(mark(), roots(span(1, 0, 0, 10, f"service {number}", "GET")))
    assert totals.operations[OperationKey(StepKey(0, 1, 2), OTHER, OTHER)].count == 3


def test_names_may_be_shown_otherwise_and_then_be_the_same():
    totals = Totals()
    for name in ("GET /a", "GET /b"):
        totals.add(mark(), roots(span(1, 0, 0, 10, operation=name)))
    totals.rename(lambda text: text.partition(" /")[0])
    (key,) = totals.operations
    assert (key.operation, totals.operations[key].count) == ("GET", 2)
