"""What the dispatcher says it did, and what it never says."""

from __future__ import annotations

import json

from standardwebhooks.webhooks import Webhook

from wedload.sandbox.webhook_delivery import Delivery, Done, Endpoint, Message, Signer
from wedload.sandbox.webhook_target import parse_target

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "http://127.0.0.1:8081/hooks"


def endpoint(events=None, accounts="own"):
    wanted = None if events is None else frozenset(events)
    return Endpoint("e", "mine", URL, parse_target(URL), wanted, accounts, 0, SECRET)


def test_endpoint_wants_its_events_of_its_accounts():
    assert endpoint().wants("a", "mine")
    assert not endpoint().wants("a", "theirs")
    assert endpoint(accounts="all").wants("a", "theirs")
    assert endpoint(["a"]).wants("a", "mine")
    assert not endpoint(["a"], "all").wants("b", "mine")


def test_secret_does_not_show_in_a_representation():
    assert "MfKQ" not in repr(endpoint())


def test_body_stays_the_same_and_says_what_happened_when_and_in_which_order():
    message = Message("msg_1", "mine", "a.b", 1_700_000_000_123, b'{"n":1.50}')
    delivery = Delivery(message, "e", sequence=7)
    body = delivery.body()
    delivery.attempts = 3
    assert delivery.body() == body
    assert json.loads(body) == {
        "type": "a.b",
        "timestamp": "2023-11-14T22:13:20.123Z",
        "sequence": 7,
        "data": {"n": 1.5},
    }


def test_request_is_a_whole_one_that_verifies():
    delivery = Delivery(Message("msg_1", "mine", "a.b", 0, b"{}"), "e", sequence=1)
    head, _, body = Signer(endpoint()).request(delivery).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert first == "POST /hooks HTTP/1.1"
    assert headers["Host"] == "127.0.0.1:8081"
    assert int(headers["Content-Length"]) == len(body)
    Webhook(SECRET).verify(body, headers)


def test_pending_is_what_is_neither_settled_nor_lost():
    done = Done(resumed=2, deliveries=20, delivered=5, failed=4, disabled=3, lose=1, attempts=99)
    assert done.pending == 9
    assert done.as_dict()["pending"] == 9
