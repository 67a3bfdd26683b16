"""Spans of requests that are traced, as OpenTelemetry's SDK sends them to a receiver."""

from __future__ import annotations

import secrets
from types import SimpleNamespace

import pytest

from tests.helpers.sandboxes import sandbox
from tests.helpers.span_receiver import SpanReceiver
from tests.helpers.third_parties import TIME, playing
from tests.helpers.waiting import until

SEARCH = "GET /api/suppliers/search"
SUBMIT = "POST /api/forms/{form_id}/submit"


@pytest.fixture(scope="module")
def receiver_of_spans():
    receiver = SpanReceiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def traced(request, receiver_of_spans):
    """A sandbox on each database that sends its spans; `database` is what they call that."""
    given = ("--otlp-endpoint", receiver_of_spans.url, "--suppliers", "50")
    if request.param == "postgresql":
        given += ("--dsn", request.getfixturevalue("cluster").new_database())
    with sandbox(*given) as one:
        yield SimpleNamespace(url=one.url, database=request.param)


@pytest.fixture
def visitor_of_it(visit, traced):
    return visit(traced)


class Traced:
    """A trace that a caller began."""

    def __init__(self, flags="01"):
        self.id, self.caller = secrets.token_hex(16), secrets.token_hex(8)
        self.headers = {"traceparent": f"00-{self.id}-{self.caller}-{flags}"}


def children(spans, parent):
    return [one for one in spans if one.parent == parent.id]


async def test_a_search_is_a_span_with_its_wait_and_statements_within(
    visitor_of_it, traced, receiver_of_spans
):
    couple = await visitor_of_it.sign_in("couple")
    trace = Traced()

    await couple.get("/api/suppliers/search?limit=5", headers=trace.headers)

    await until(lambda: receiver_of_spans.of(trace.id, SEARCH))
    spans = receiver_of_spans.of(trace.id)
    (request,) = receiver_of_spans.of(trace.id, SEARCH)
    assert (request.kind, request.parent, request.service) == ("server", trace.caller, "sandbox")
    assert request.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/suppliers/search",
        "http.response.status_code": 200,
    }
    assert not request.failed
    within = children(spans, request)
    assert len(within) == len(spans) - 1
    after = "RESET" if traced.database == "postgresql" else "wait for the batch"
    assert [(one.name, one.kind, one.peer) for one in within] == [
        ("wait for a connection", "internal", None),
        ("SELECT suppliers", "client", traced.database),  # the page
        ("SELECT suppliers", "client", traced.database),  # how many there are
        (after, "client", traced.database),
    ]
    assert within[1].attributes["db.system.name"] == traced.database
    ends = [request.begin_ns, *(at for one in within for at in (one.begin_ns, one.end_ns))]
    assert ends == sorted(ends)  # one after the other
    assert ends[-1] <= request.end_ns


async def test_a_write_shows_its_statements_and_its_commit_and_nothing_of_a_request(
    visitor_of_it, traced, receiver_of_spans
):
    supplier = await visitor_of_it.sign_in("supplier")
    trace = Traced()
    field = {"name": "secret", "label": "Whose?", "type": "text", "required": True}

    body = {"title": "nobody is to read this", "fields": [field]}
    await supplier.post("/api/forms/intake", body, headers=trace.headers)

    await until(lambda: receiver_of_spans.of(trace.id, "POST /api/forms/intake"))
    names = [one.name for one in receiver_of_spans.of(trace.id)]
    begin = ["BEGIN"] if traced.database == "postgresql" else []
    assert names == [
        *("POST /api/forms/intake", "wait for a connection"),
        *(*begin, "INSERT forms", "COMMIT"),
    ]
    assert "nobody" not in repr(receiver_of_spans.of(trace.id))


@pytest.mark.parametrize("headers", [{}, Traced("00").headers, {"traceparent": "00-1-2-01"}])
async def test_without_a_sampled_traceparent_there_is_no_span(
    headers, visitor_of_it, receiver_of_spans
):
    couple = await visitor_of_it.sign_in("couple")
    before = (await visitor_of_it.get("/_sandbox/counts")).body["spans"]["ended"]

    await couple.get("/api/suppliers/search", headers=headers)

    assert (await visitor_of_it.get("/_sandbox/counts")).body["spans"]["ended"] == before


async def test_what_fails_in_a_transaction_and_what_the_client_did_wrong_are_told_apart(
    visitor_of_it, traced, receiver_of_spans
):
    couple = await visitor_of_it.sign_in("couple")
    missing, wrong = Traced(), Traced()

    form = "0198c0de-0000-7000-8000-000000000000"
    await couple.post(
        f"/api/connections/{form}",
        {"wedding_date": "2027-06-05", "venue": "x"},
        headers=missing.headers,
    )
    await couple.get("/api/suppliers/search?limit=many", headers=wrong.headers)

    await until(lambda: receiver_of_spans.of(missing.id, "POST /api/connections/{form_id}"))
    await until(lambda: receiver_of_spans.of(wrong.id, SEARCH))
    request, *_, last = receiver_of_spans.of(missing.id)
    assert (request.attributes["http.response.status_code"], request.failed) == (404, False)
    assert (last.name, last.failed) == ("SELECT forms", False)  # and it was rolled back
    (only,) = receiver_of_spans.of(wrong.id)
    assert (only.attributes["http.response.status_code"], only.failed) == (422, False)


async def test_what_a_submission_sets_in_motion_is_a_child_of_it(
    visitor_of_it, traced, receiver_of_spans, receiver
):
    supplier, couple = [await visitor_of_it.sign_in(role) for role in ("supplier", "couple")]
    await supplier.listen(f"{receiver.url}/hooks")
    form = await supplier.create_form()
    await couple.connect(form)
    trace = Traced()

    await couple.post(
        f"/api/forms/{form}/submit",
        {"responses": {"name": "Robin and Sam"}},
        headers=trace.headers,
    )

    await until(lambda: len(receiver_of_spans.of(trace.id, "POST webhook")) == 2)
    await until(lambda: receiver_of_spans.of(trace.id, "start journeys"))
    spans = receiver_of_spans.of(trace.id)
    (submit,) = receiver_of_spans.of(trace.id, SUBMIT)
    (journeys,) = receiver_of_spans.of(trace.id, "start journeys")
    assert (journeys.kind, journeys.parent) == ("consumer", submit.id)
    assert {"INSERT journeys", "INSERT journey_steps", "COMMIT"} <= {
        one.name for one in children(spans, journeys)
    }
    parents = {one.parent for one in receiver_of_spans.of(trace.id, "POST webhook")}
    assert parents == {submit.id, journeys.id}
    assert {one.peer for one in spans if one.name == "POST webhook"} == {"webhook receiver"}
    # a worker that a traced request has woken is no part of it
    fresh = await visitor_of_it.sign_in("supplier")
    before = len(receiver_of_spans.of(trace.id))
    await fresh.create_form()
    assert len(receiver_of_spans.of(trace.id)) == before


async def test_counts_agree_with_what_came(visitor_of_it, receiver_of_spans):
    couple = await visitor_of_it.sign_in("couple")
    traces = [Traced() for _ in range(20)]
    before = (await visitor_of_it.get("/_sandbox/counts")).body["spans"]

    for trace in traces:
        await couple.get("/api/suppliers/search?limit=50", headers=trace.headers)

    await until(lambda: all(receiver_of_spans.of(trace.id, SEARCH) for trace in traces))
    after = (await visitor_of_it.get("/_sandbox/counts")).body["spans"]
    came = sum(len(receiver_of_spans.of(trace.id)) for trace in traces)
    assert after["ended"] - before["ended"] == came
    assert after["lost"] == before["lost"]


async def test_third_parties_are_asked_within_the_request_each_attempt_a_span(
    start, visit, receiver_of_spans
):
    async with playing() as provider:
        provider.moods["email"] = [(503, {}), (503, {})]
        server = start(
            *("--otlp-endpoint", receiver_of_spans.url, "--suppliers", "1"),
            *("--calendar-url", provider.url, "--email-url", provider.url),
            *("--third-party-deadline", "20s"),
        )
        couple = await visit(server).sign_in("couple")
        booked, told = Traced(), Traced()
        wish = {
            "supplier_id": 1,
            "couple_id": 1,
            "event_type": "consultation",
            "preferred_times": [TIME],
        }

        await couple.post("/api/calendar/schedule", wish, headers=booked.headers)
        message = {"template": "x", "recipients": ["a@example.com"], "data": {}}
        await couple.post("/api/communications/send", message, headers=told.headers)

        await until(lambda: receiver_of_spans.of(booked.id, "POST /api/calendar/schedule"))
        await until(lambda: receiver_of_spans.of(told.id, "POST /api/communications/send"))
    request, *parts = receiver_of_spans.of(booked.id)
    asked = [one for one in parts if one.peer == "google-calendar"]
    assert [one.name for one in asked] == ["POST freeBusy", "POST events"]
    assert {(one.kind, one.parent) for one in asked} == {("client", request.id)}
    # the third party is told whose child its work is
    sent = {each.span for each in provider.asked if each.trace == booked.id}
    assert sent == {one.id for one in asked}
    mails = [one for one in receiver_of_spans.of(told.id) if one.peer == "email"]
    waits = receiver_of_spans.of(told.id, "wait before a retry")
    assert [(one.name, one.failed) for one in mails] == [
        ("POST message", True),
        ("POST message", True),
        ("POST message", False),
    ]
    assert mails[0].attributes["error.type"] == "answered 503"
    assert len(waits) == 2


async def test_a_receiver_that_refuses_costs_spans_and_no_request(start, visit):
    receiver = SpanReceiver()
    receiver.status = 400
    try:
        server = start("--otlp-endpoint", f"{receiver.url}/v1/traces", "--suppliers", "1")
        couple = await visit(server).sign_in("couple")

        answer = await couple.get("/api/suppliers/search", headers=Traced().headers)
        assert answer.status == 200
        await until(lambda: receiver.posts)
        assert set(receiver.posts) == {"/v1/traces"}
    finally:
        receiver.close()
    assert server.stop() == 0  # which a receiver that is gone does not hold up


def test_spans_are_sent_to_this_machine_only(start):
    for url in ("http://192.0.2.1:4318", "http://collector.example"):
        with pytest.raises(pytest.fail.Exception, match="never calls outside this machine"):
            start("--otlp-endpoint", url)
