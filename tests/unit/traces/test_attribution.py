from tests.helpers.spans import SENDER, span
from wedload.traces.attribution import service_of
from wedload.traces.tree import grow


def services_of(*spans):
    (root,) = grow(spans, SENDER).roots
    return {node.span.operation: service_of(node) for node in root.below()}


def test_what_a_service_asks_is_the_time_of_whom_it_asks():
    """A database has no spans of its own."""
    found = services_of(
        span(1, 0, 0, 9, operation="GET"), span(2, 1, 1, 8, operation="SELECT", asks="postgresql")
    )
    assert found == {"GET": "api", "SELECT": "postgresql"}


def test_unless_that_one_tells_of_it_itself():
    found = services_of(
        span(1, 0, 0, 9, operation="GET"),
        span(2, 1, 1, 8, operation="ask", asks="mail"),
        span(3, 2, 2, 7, service="mailer", operation="send"),
    )
    assert found == {"GET": "api", "ask": "api", "send": "mailer"}


def test_spans_of_the_same_service_within_the_question_change_nothing():
    found = services_of(
        span(1, 0, 0, 9, operation="ask", asks="mail"), span(2, 1, 2, 3, operation="connect")
    )
    assert found == {"ask": "mail", "connect": "api"}


def test_a_service_that_does_not_say_whom_it_asks_is_at_work_itself():
    asking = span(1, 0, 0, 9, operation="ask", asks="nobody")._replace(peer=None)
    assert services_of(asking) == {"ask": "api"}
