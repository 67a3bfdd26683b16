"""Endpoints of webhooks, what is sent to them, and who may see it."""

from __future__ import annotations

import re
import uuid

import pytest
from standardwebhooks.webhooks import Webhook


@pytest.fixture
def delivered(eventually):
    """Waits until a message of the caller's is delivered; its status."""

    async def wait(client, message):
        return await eventually(
            lambda: client.delivery(message), lambda status: status["state"] == "delivered"
        )

    return wait


async def test_registered_endpoint_is_listed_without_its_secret_until_it_is_deleted(supplier):
    made = await supplier.listen(
        "http://127.0.0.1:9/hooks", events=["b.two", "a.one"], accounts="own"
    )
    assert made.keys() == {"id", "secret"}
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made["secret"])
    listed = (await supplier.get("/api/webhooks/endpoints")).body["endpoints"]
    assert re.fullmatch(r"\d{4}-.*Z", listed[0].pop("created_at"))
    assert listed == [
        {
            "id": made["id"],
            "url": "http://127.0.0.1:9/hooks",
            "events": ["a.one", "b.two"],
            "accounts": "own",
            "state": "enabled",
        }
    ]
    assert (await supplier.delete(f"/api/webhooks/endpoints/{made['id']}")).status == 204
    assert (await supplier.get("/api/webhooks/endpoints")).body == {"endpoints": []}
    assert (await supplier.delete(f"/api/webhooks/endpoints/{made['id']}")).status == 404


async def test_endpoint_is_nobody_elses_business(supplier, visitor):
    made = await supplier.listen("http://127.0.0.1:9/")
    stranger = await visitor.sign_in("supplier")
    assert (await stranger.get("/api/webhooks/endpoints")).body == {"endpoints": []}
    assert (await stranger.delete(f"/api/webhooks/endpoints/{made['id']}")).status == 404
    assert len((await supplier.get("/api/webhooks/endpoints")).body["endpoints"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/webhooks/endpoints"),
        ("GET", "/api/webhooks/endpoints"),
        ("DELETE", f"/api/webhooks/endpoints/{uuid.UUID(int=7)}"),
        ("POST", "/api/webhooks/trigger"),
        ("GET", "/api/webhooks/delivery-status"),
    ],
)
async def test_only_suppliers_have_webhooks(visitor, couple, method, path):
    assert (await visitor(method, path)).status == 401
    assert (await couple(method, path)).status == 403


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "url", "missing"),
        ({"url": 7}, "url", "must be a string"),
        ({"url": "ftp://127.0.0.1/"}, "url", "must be a URL like"),
        ({"url": "http://example.com/"}, "url", "the sandbox never calls outside this machine"),
        ({"url": "http://127.0.0.1/", "events": []}, "events", "leave it out for all"),
        ({"url": "http://127.0.0.1/", "events": "a"}, "events", "must be a list"),
        ({"url": "http://127.0.0.1/", "events": ["a", "b c"]}, "events[1]", "letters, digits"),
        ({"url": "http://127.0.0.1/", "events": [7]}, "events[0]", "letters, digits"),
        ({"url": "http://127.0.0.1/", "accounts": "every"}, "accounts", "own or all"),
        ({"url": "http://127.0.0.1/", "secret": "whsec_c2hvcnQ="}, "secret", "24 to 64 bytes"),
        ({"url": "http://127.0.0.1/", "secret": 7}, "secret", "24 to 64 bytes"),
        ({"url": "http://127.0.0.1/", "event": "a"}, "event", "unknown"),
    ],
)
async def test_wrong_endpoint_is_refused_with_its_field(supplier, body, field, said):
    answer = await supplier.post("/api/webhooks/endpoints", body)
    assert said in answer.wrong_fields[field]
    assert (await supplier.get("/api/webhooks/endpoints")).body == {"endpoints": []}


async def test_refused_secret_is_not_repeated(supplier):
    body = {"url": "http://127.0.0.1/", "secret": "whsec_hush"}
    answer = await supplier.post("/api/webhooks/endpoints", body)
    assert answer.status == 422
    assert "hush" not in str(answer.body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"payload": {}}, "event"),
        ({"event": "a b", "payload": {}}, "event"),
        ({"event": "", "payload": {}}, "event"),
        ({"event": 7, "payload": {}}, "event"),
        ({"event": "a" * 101, "payload": {}}, "event"),
        ({"event": "a"}, "payload"),
        ({"event": "a", "payload": {}, "extra": 1}, "extra"),
    ],
)
async def test_wrong_trigger_is_refused_with_its_field(supplier, body, field):
    assert (await supplier.post("/api/webhooks/trigger", body)).wrong_fields.keys() == {field}


async def test_account_has_only_so_many_endpoints(supplier):
    for n in range(100):
        await supplier.listen(f"http://127.0.0.1:9/{n}")
    answer = await supplier.post("/api/webhooks/endpoints", {"url": "http://127.0.0.1:9/"})
    assert (answer.status, answer.body["error"]["code"]) == (409, "too_many")


async def test_message_is_signed_so_that_another_implementation_verifies_it(
    supplier, receiver, delivered
):
    made = await supplier.listen(f"{receiver.url}/hooks?of=mine")
    payload = {"name": "Zoë & Łukasz \u2028 \x00", "nested": [1, {"two": None}]}
    message = await supplier.trigger("form.exported", payload)
    status = await delivered(supplier, message)
    (arrival,) = receiver.at("/hooks")
    assert Webhook(made["secret"]).verify(arrival.body, arrival.headers) == arrival.json
    assert arrival.id == message
    assert arrival.headers["content-type"] == "application/json"
    assert re.fullmatch(r"\d{4}-.*Z", arrival.json["timestamp"])
    assert {**arrival.json, "timestamp": ""} == {
        "type": "form.exported",
        "timestamp": "",
        "sequence": 1,
        "data": payload,
    }
    assert status == {
        "id": message,
        "event": "form.exported",
        "delivered": True,
        "state": "delivered",
        "attempts": 1,
        "deliveries": [
            {
                "endpoint_id": made["id"],
                "sequence": 1,
                "state": "delivered",
                "attempts": 1,
                "answer": "204",
            }
        ],
    }


async def test_given_secret_is_signed_with(supplier, receiver, delivered):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert (await supplier.listen(f"{receiver.url}/", secret=secret))["secret"] == secret
    await delivered(supplier, await supplier.trigger())
    (arrival,) = receiver.arrivals
    Webhook(secret).verify(arrival.body, arrival.headers)


async def test_endpoint_gets_the_events_it_wants_of_its_own_account(
    supplier, visitor, receiver, delivered
):
    await supplier.listen(f"{receiver.url}/all")
    await supplier.listen(f"{receiver.url}/some", events=["wanted", "too"])
    stranger = await visitor.sign_in("supplier")
    await stranger.listen(f"{receiver.url}/stranger")
    for event in ("wanted", "unwanted", "too"):
        await delivered(supplier, await supplier.trigger(event))
    told = {path: [a.json["type"] for a in receiver.at(path)] for path in ("/all", "/some")}
    assert told == {"/all": ["wanted", "unwanted", "too"], "/some": ["wanted", "too"]}
    assert [a.json["sequence"] for a in receiver.at("/some")] == [1, 2]
    assert receiver.at("/stranger") == []


async def test_endpoint_for_all_accounts_hears_of_all_and_its_owner_sees_only_that(
    start, database, visit, receiver, delivered
):
    visitor = visit(start(*database()))
    watching, other = await visitor.sign_in("supplier"), await visitor.sign_in("supplier")
    watched = await watching.listen(f"{receiver.url}/watching", accounts="all")
    await other.listen(f"{receiver.url}/other")
    message = await other.trigger("of.other")
    status = await delivered(other, message)
    assert len(status["deliveries"]) == 2
    seen = await watching.delivery(message)
    assert [delivery["endpoint_id"] for delivery in seen["deliveries"]] == [watched["id"]]
    own = await watching.trigger("of.watching")
    await delivered(watching, own)
    assert [a.json["type"] for a in receiver.at("/watching")] == ["of.other", "of.watching"]
    assert [a.json["type"] for a in receiver.at("/other")] == ["of.other"]
    assert (await other.get(f"/api/webhooks/delivery-status?id={own}")).status == 404


async def test_message_that_nobody_wants_is_no_delivery(supplier):
    answer = await supplier.post("/api/webhooks/trigger", {"event": "a", "payload": 1})
    assert answer.body["deliveries"] == 0
    status = await supplier.delivery(answer.body["id"])
    assert (status["state"], status["delivered"], status["deliveries"]) == ("disabled", False, [])


async def test_message_of_others_and_unknown_ones_are_404(supplier, visitor):
    message = await supplier.trigger()
    stranger = await visitor.sign_in("supplier")
    unknown = (message, "", "x", "msg_", f"msg_{uuid.uuid4()}", f"{message}x", "msg_%00")
    for message_id in unknown:
        answer = await stranger.get(f"/api/webhooks/delivery-status?id={message_id}")
        assert answer.status == 404, message_id
    assert (await stranger.get("/api/webhooks/delivery-status")).status == 404


async def test_submission_and_its_journey_are_told_to_the_forms_supplier(
    supplier, couple, visitor, receiver, eventually
):
    await supplier.listen(f"{receiver.url}/supplier")
    stranger = await visitor.sign_in("supplier")
    await stranger.listen(f"{receiver.url}/stranger")
    form = await supplier.create_form()
    await couple.connect(form)
    submission = (await couple.submit(form)).body["id"]

    async def told():
        return receiver.at("/supplier")

    arrivals = await eventually(told, lambda arrivals: len(arrivals) == 2)
    rows = {arrival.json["type"]: arrival.json["data"] for arrival in arrivals}
    whose = {"form_id": form, "supplier_id": supplier.id, "couple_id": couple.id}
    created, started = rows["submission.created"], rows["journey.started"]
    assert created == {"id": submission, "created_at": created["created_at"], **whose}
    assert started == {
        "submission_id": submission,
        "state": "running",
        "started_at": started["started_at"],
        **whose,
    }
    assert {arrival.id for arrival in arrivals} == {
        f"submission_{submission}",
        f"journey_{submission}",
    }
    assert receiver.at("/stranger") == []
