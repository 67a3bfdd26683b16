import uuid

import pytest

from tests.helpers.played import Client
from wedload.simulators.email.postmark import Postmark

TOKEN = {"x-postmark-server-token": "a-token"}
MAIL = {
    "From": "Studio <studio@supplier.example>",
    "To": "couple@example.com",
    "Subject": "Your consultation",
    "TextBody": "See you",
}


@pytest.fixture
def client():
    return Client(Postmark(), headers=TOKEN)


def test_a_message_is_taken_with_an_id(client):
    reply = client.reply("POST /email", MAIL)
    assert (reply.status, reply.outcome, reply.done) == (200, "ok", True)
    status, content = client.ask("POST /email", MAIL)
    assert status == 200
    assert uuid.UUID(content["MessageID"])
    assert (content["To"], content["ErrorCode"], content["Message"]) == (MAIL["To"], 0, "OK")
    assert content["SubmittedAt"].startswith("1970-01-01T00:00:00")


def test_each_message_of_a_batch_is_told_by_itself(client):
    reply = client.reply("POST /email/batch", [MAIL, {**MAIL, "To": "nobody"}])
    status, content = client.ask("POST /email/batch", [MAIL, {**MAIL, "To": "nobody"}])
    assert (reply.done, reply.outcome, status) == (True, "ok", 200)
    assert [one["ErrorCode"] for one in content] == [0, 300]
    none = client.reply("POST /email/batch", [{}])
    assert (none.done, none.outcome) == (False, "wrong")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"From": None}, 300),
        ({"From": "nobody"}, 300),
        ({"To": ""}, 300),
        ({"To": "a@b.example, nobody"}, 300),
        ({"To": ["a@b.example"]}, 300),
        ({"To": ", ".join(["a@b.example"] * 51)}, 300),
        ({"TextBody": None}, 300),
        ({"Subject": "x" * 2001}, 300),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_code(client, change, code):
    status, content = client.ask("POST /email", {**MAIL, **change})
    assert (status, content["ErrorCode"]) == (422, code)
    assert client.service.counts() == {"messages": 0}


@pytest.mark.parametrize(
    "change",
    [
        {"To": 'a@b.example, "Doe, J" <c@d.example>'},
        {"Cc": "a@b.example", "Bcc": "c@d.example"},
        {"TextBody": None, "HtmlBody": "<p>See you</p>"},
        {"Subject": None},
        {"To": "", "Bcc": "c@d.example"},
    ],
)
def test_recipients_are_a_list_with_commas_outside_of_quotes(client, change):
    assert client.ask("POST /email", {**MAIL, **change})[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/email", b"{", 402),
        ("/email", b"[]", 403),
        ("/email/batch", b"{}", 403),
        ("/email/batch", [MAIL] * 501, 410),
    ],
)
def test_what_is_not_the_json_that_is_meant_has_a_code_of_its_own(client, path, body, code):
    status, content = client.ask(f"POST {path}", body)
    assert (status, content["ErrorCode"]) == (422, code)


def test_without_a_server_token_nobody_is_known():
    status, content = Client(Postmark(), headers={}).ask("POST /email", MAIL)
    assert (status, content["ErrorCode"]) == (401, 10)


@pytest.mark.parametrize("line", ["GET /email", "POST /emails", "POST /"])
def test_what_is_not_there_is_not_found(client, line):
    assert client.ask(line)[0] == 404


def test_a_refusal_tells_nothing_of_the_quota():
    service = Postmark()
    reply = service.over_quota("all", 429)
    assert (reply.status, reply.outcome) == (429, "quota")
    assert service.quota_headers(None, 0) == ()  # type: ignore[arg-type]
    assert not service.tells_retry_after
