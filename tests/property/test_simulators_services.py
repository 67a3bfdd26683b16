"""Whatever a client sends, a service answers: in its shape, and never with a defect."""

from __future__ import annotations

import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.played import BEARER, EMAIL, request_of
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.plan.fields import RequestLine
from wedload.plan.third_parties import Dependency, Route
from wedload.simulators.simulator import service_of

ROUTE = Route(
    http=RequestLine.parse("POST /a/*"),
    json=JsonTemplate.parse({"to": "${json.to}", "text": "all: ${text}", "n": "${json.n + 1}"}),
    headers=(("X-Of", Template.parse("${json['from']}")),),
)
SERVICES = {
    "google-calendar": Dependency(simulate="google-calendar"),
    "resend": Dependency(simulate="email", provider="resend"),
    "sendgrid": Dependency(simulate="email", provider="sendgrid"),
    "postmark": Dependency(simulate="email", provider="postmark"),
    "http": Dependency(simulate="http", routes=(ROUTE,)),
}
EVENTS = "/calendar/v3/calendars/a/events"
LINES = st.sampled_from([
    "POST /emails", "POST /emails/batch", "GET /emails/x", "POST /v3/mail/send", "POST /email",
    "POST /email/batch", f"POST {EVENTS}", f"GET {EVENTS}?maxResults=9&timeMin=x",
    f"GET {EVENTS}?timeMax=2027-06-19T10:00:00Z&timeMin=0001-01-01T00:00:00-10:00",
    f"DELETE {EVENTS}/abcde", f"GET {EVENTS}/abcde", "POST /calendar/v3/freeBusy", "POST /a/b",
    "POST /a/%FF%00", "GET //", "OPTIONS *", "CONNECT a:1", "GET http://", "GET /?%", "BREW /",
])  # fmt: skip
KEYS = st.sampled_from([
    "from", "to", "cc", "subject", "html", "From", "To", "Bcc", "TextBody", "Subject", "start",
    "end", "id", "date", "dateTime", "timeZone", "timeMin", "timeMax", "items", "content", "type",
    "value", "personalizations", "email", "n", "status", "transparency",
])  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from([
        "couple@example.com", "A <a@b.example>", "<", '"', "a@b.example, c@d.example",
        "2027-06-19T10:00:00Z", "2027-06-19", "9999-12-31T23:59:59-14:00", "0001-01-01",
        "2027-06-19T10:00:00", "Europe/London", "../../etc/passwd", "abcde", "\r\nX: y",
    ]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=20,
)
#: what is nearly right, with some parts replaced
NEARLY = st.builds(
    lambda base, change: base | change,
    st.sampled_from([
        EMAIL,
        {"From": "a@b.example", "To": "c@d.example", "TextBody": "x"},
        {"start": {"dateTime": "2027-06-19T10:00:00Z"},
         "end": {"dateTime": "2027-06-19T11:00:00Z"}},
        {"timeMin": "2027-06-19T10:00:00Z", "timeMax": "2027-06-19T11:00:00Z", "items": []},
        {"personalizations": [{"to": [{"email": "a@b.example"}]}], "subject": "x",
         "from": {"email": "c@d.example"}, "content": [{"type": "t", "value": "v"}]},
    ]),
    st.dictionaries(KEYS, VALUES, max_size=2),
)  # fmt: skip
BODIES = st.one_of(st.binary(max_size=50), VALUES, NEARLY, st.lists(NEARLY, max_size=3))
HEADERS = st.dictionaries(
    st.sampled_from(["idempotency-key", "traceparent", "x-postmark-server-token", "authorization"]),
    st.text(st.characters(max_codepoint=255), max_size=20),
)


@pytest.mark.parametrize("name", SERVICES)
@settings(max_examples=40)
@given(st.lists(st.tuples(LINES, BODIES, HEADERS), min_size=1, max_size=8))
def test_a_service_answers_whatever_it_is_asked(name, asked):
    service = service_of(SERVICES[name], epoch_ns=1_800_000_000 * 10**9, env={})
    rng = random.Random(1)
    tokens = {**BEARER, "x-postmark-server-token": "t"}
    for at_ns, (line, body, headers) in enumerate(asked):
        call = service.call(request_of(line, body, {**tokens, **headers}))
        reply = service.answer(call, at_ns, at_ns + 2, rng)
        assert 200 <= reply.status < 500
        assert reply.outcome == ("ok" if reply.status < 300 else "wrong") or (
            name == "postmark" and reply.outcome == "wrong"  # a batch of which none was taken
        )
        assert not (reply.done and reply.outcome != "ok")
        if reply.body:
            orjson.loads(reply.body)
        assert call.known or reply.status in (401, 404)
        for header, value in reply.headers:
            assert not set(header + value) & set("\r\n\0")
