import pytest

from tests.helpers.played import Client
from wedload.simulators.email.sendgrid import SendGrid
from wedload.simulators.quota import Allowance
from wedload.units import NS_PER_S

SEND = "POST /v3/mail/send"
MAIL = {
    "personalizations": [{"to": [{"email": "couple@example.com", "name": "A Couple"}]}],
    "from": {"email": "studio@supplier.example"},
    "subject": "Your consultation",
    "content": [{"type": "text/plain", "value": "See you"}],
}


@pytest.fixture
def client():
    return Client(SendGrid())


def test_a_message_is_accepted_with_an_id_and_no_body(client):
    reply = client.reply(SEND, MAIL)
    assert (reply.status, reply.body, reply.outcome, reply.done) == (202, b"", "ok", True)
    message_id = dict(reply.headers)["X-Message-Id"]
    assert len(message_id) == 22
    assert dict(client.reply(SEND, MAIL).headers)["X-Message-Id"] != message_id
    assert client.service.counts() == {"messages": 2}


def test_it_knows_no_idempotency_key(client):
    assert client.reply(SEND, MAIL, idempotency_key="k").done
    assert client.reply(SEND, MAIL, idempotency_key="k").done


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"personalizations": None}, "personalizations"),
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{}] * 1001}, "personalizations"),
        ({"personalizations": [{"subject": "x"}]}, "personalizations.0.to"),
        ({"personalizations": ["x"]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        (
            {"personalizations": [{"to": [{"email": "a@b.example"}], "cc": ["c"]}]},
            "personalizations.0.cc.0.email",
        ),
        ({"personalizations": [{"to": [{"email": "a@b.example"}] * 1001}]}, "personalizations"),
        ({"from": None}, "from.email"),
        ({"from": "studio@supplier.example"}, "from.email"),
        ({"from": {"email": "nobody"}}, "from.email"),
        ({"subject": None}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/plain"}]}, "content.0"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_field(client, change, at):
    status, content = client.ask(SEND, {**MAIL, **change})
    (error,) = content["errors"]
    assert (status, error["field"], sorted(error)) == (400, at, ["field", "help", "message"])
    assert client.service.messages == 0


@pytest.mark.parametrize(
    "change",
    [
        {"subject": None, "content": None, "template_id": "d-1"},
        {"subject": None,
         "personalizations": [{"to": [{"email": "a@b.example"}], "subject": "Own"}]},
    ],
)  # fmt: skip
def test_a_template_or_a_recipients_own_subject_will_do(client, change):
    assert client.ask(SEND, {**MAIL, **change}) == (202, None)


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_what_is_no_object_of_json_is_refused(client, body):
    assert client.ask(SEND, body)[0] == 400


def test_without_a_key_nobody_is_known():
    status, content = Client(SendGrid(), headers={}).ask(SEND, MAIL)
    assert (status, content["errors"][0]["field"]) == (401, None)


@pytest.mark.parametrize("line", ["GET /v3/mail/send", "POST /v3/mail", "POST /"])
def test_what_is_not_there_is_not_found(client, line):
    assert client.ask(line)[0] == 404


def test_the_quota_is_told_with_the_unix_time_of_its_reset():
    service = SendGrid(epoch_ns=1_800_000_000 * NS_PER_S)
    told = service.quota_headers(Allowance(True, 600, 17, next_ns=90 * NS_PER_S + 1), 0)
    assert dict(told) == {
        "X-RateLimit-Limit": "600",
        "X-RateLimit-Remaining": "17",
        "X-RateLimit-Reset": "1800000091",
    }


def test_a_refusal_over_the_quota_and_a_failure_have_its_shape():
    for reply, outcome in ((SendGrid().over_quota("all", 429), "quota"),
                           (SendGrid().failed(503), "error")):  # fmt: skip
        assert reply.outcome == outcome
        assert reply.body.startswith(b'{"errors":[{"message":')
