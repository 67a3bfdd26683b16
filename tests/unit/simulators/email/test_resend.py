import uuid

import pytest

from tests.helpers.played import EMAIL, Client
from wedload.simulators.email.resend import Resend
from wedload.simulators.quota import Allowance
from wedload.simulators.remembered import Remembered
from wedload.units import NS_PER_MS, NS_PER_S


@pytest.fixture
def client():
    return Client(Resend())


def test_an_email_is_taken_with_an_id_by_which_it_is_found(client):
    reply = client.reply("POST /emails", EMAIL)
    assert (reply.status, reply.outcome, reply.done) == (200, "ok", True)
    status, content = client.ask("POST /emails", EMAIL)
    assert status == 200
    assert list(content) == ["id"]
    assert str(uuid.UUID(content["id"])) == content["id"]
    status, found = client.ask(f"GET /emails/{content['id']}")
    assert status == 200
    assert (found["object"], found["to"], found["last_event"]) == (
        "email", ["couple@example.com"], "delivered",
    )  # fmt: skip
    assert "html" not in found  # content is not kept


def test_a_batch_is_taken_as_a_whole_or_not_at_all(client):
    status, content = client.ask("POST /emails/batch", [EMAIL, {**EMAIL, "to": "b@example.com"}])
    assert (status, len(content["data"])) == (200, 2)
    assert client.ask("POST /emails/batch", [EMAIL, {**EMAIL, "to": "nobody"}])[0] == 422
    assert client.service.counts()["emails"] == 2


@pytest.mark.parametrize("body", [[], {}, [EMAIL] * 101, ["x"]])
def test_a_batch_has_1_to_100_emails(client, body):
    assert client.ask("POST /emails/batch", body)[0] == 422


@pytest.mark.parametrize(
    ("change", "status", "name"),
    [
        ({"from": None}, 422, "missing_required_field"),
        ({"to": []}, 422, "missing_required_field"),
        ({"subject": ""}, 422, "missing_required_field"),
        ({"html": None}, 422, "missing_required_field"),
        ({"subject": 17}, 422, "validation_error"),
        ({"from": "nobody"}, 422, "validation_error"),
        ({"from": "Studio <nobody>"}, 422, "validation_error"),
        ({"to": "a@example.com, b@example.com"}, 422, "validation_error"),
        ({"to": ["a@example.com", 17]}, 422, "validation_error"),
        ({"to": ["a@example.com"] * 51}, 422, "validation_error"),
        ({"cc": "nobody"}, 422, "validation_error"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(client, change, status, name):
    found, content = client.ask("POST /emails", {**EMAIL, **change})
    assert (found, content["statusCode"], content["name"]) == (status, status, name)
    assert client.service.counts()["emails"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"to": "a@example.com"},
        {"to": ["A Couple <a@example.com>"] * 50},
        {"html": None, "text": "See you"},
        {"cc": "b@example.com", "bcc": ["c@example.com"]},
    ],
)
def test_recipients_are_one_or_a_list_with_or_without_names(client, change):
    assert client.ask("POST /emails", {**EMAIL, **change})[0] == 200


def test_what_is_no_json_is_refused(client):
    assert client.ask("POST /emails", b"{")[0] == 400
    assert client.ask("POST /emails", b"[]")[0] == 422


def test_without_a_key_nobody_is_known():
    status, content = Client(Resend(), headers={}).ask("POST /emails", EMAIL)
    assert (status, content["name"]) == (401, "missing_api_key")


@pytest.mark.parametrize("line", ["GET /emails/none", "GET /", "PUT /emails", "POST /emails/x/y"])
def test_what_is_not_there_is_not_found(client, line):
    status, content = client.ask(line)
    assert (status, content["name"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/emails", "/emails/batch"])
def test_a_key_is_carried_out_once_and_answered_as_before(client, path):
    body = EMAIL if path == "/emails" else [EMAIL]
    first = client.reply(f"POST {path}", body, idempotency_key="k")
    again = client.reply(f"POST {path}", body, idempotency_key="k")
    assert (again.status, again.body) == (200, first.body)
    assert (first.done, again.done) == (True, False)
    assert again.outcome == "ok"
    assert client.service.counts()["emails"] == 1
    other = client.reply(f"POST {path}", body, idempotency_key="other")
    assert other.done
    assert other.body != first.body


def test_the_order_of_a_bodys_keys_makes_no_other_request(client):
    first = client.reply("POST /emails", EMAIL, idempotency_key="k")
    turned = dict(reversed(EMAIL.items()))
    assert client.reply("POST /emails", turned, idempotency_key="k").body == first.body


def test_a_key_with_another_body_is_refused(client):
    client.ask("POST /emails", EMAIL, idempotency_key="k")
    status, content = client.ask(
        "POST /emails", {**EMAIL, "subject": "Another"}, idempotency_key="k"
    )
    assert (status, content["name"]) == (409, "invalid_idempotent_request")


def test_a_key_whose_first_request_is_not_answered_yet_is_refused(client):
    client.takes_ns = 100 * NS_PER_MS
    client.ask("POST /emails", EMAIL, idempotency_key="k")
    client.now_ns = 99 * NS_PER_MS
    status, content = client.ask("POST /emails", EMAIL, idempotency_key="k")
    assert (status, content["name"]) == (409, "concurrent_idempotent_requests")
    client.now_ns = 100 * NS_PER_MS
    assert client.ask("POST /emails", EMAIL, idempotency_key="k")[0] == 200
    assert client.service.counts()["emails"] == 1


def test_a_key_of_what_was_refused_can_be_used_again(client):
    assert client.ask("POST /emails", {**EMAIL, "to": ""}, idempotency_key="k")[0] == 422
    assert client.ask("POST /emails", EMAIL, idempotency_key="k")[0] == 200


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_a_key_has_1_to_256_characters(client, key):
    status, content = client.ask("POST /emails", EMAIL, idempotency_key=key)
    assert (status, content["name"]) == (400, "invalid_idempotency_key")


def test_the_quota_is_told_in_seconds():
    told = Resend().quota_headers(Allowance(False, 5, 0, next_ns=1_200 * NS_PER_MS), 0)
    assert dict(told) == {
        "ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": "2",
    }  # fmt: skip


def test_a_refusal_over_the_quota_has_its_name():
    reply = Resend().over_quota("all", 429)
    assert (reply.status, reply.outcome) == (429, "quota")
    assert b'"name":"rate_limit_exceeded"' in reply.body


def test_emails_and_keys_are_kept_up_to_a_number():
    service = Resend(emails=Remembered(2), keys=Remembered(3))
    client = Client(service, now_ns=NS_PER_S)
    for number in range(5):
        client.ask("POST /emails", EMAIL, idempotency_key=str(number))
    assert service.counts() == {
        "emails": 2, "emails_forgotten": 3, "keys": 3, "keys_forgotten": 2,
    }  # fmt: skip
