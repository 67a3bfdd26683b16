"""Messages: sent at once, or later by the outbox."""

from __future__ import annotations

import pytest

from tests.helpers.third_parties import message


@pytest.fixture
def outbox():
    async def read(visitor):
        return (await visitor.get("/_sandbox/counts")).body["outbox"]

    return read


SHAPES = {
    "resend": lambda body: (body["to"], body["subject"], body["text"]),
    "sendgrid": lambda body: (
        [to["email"] for to in body["personalizations"][0]["to"]],
        body["subject"],
        body["content"][0]["value"],
    ),
    "postmark": lambda body: (body["To"].split(","), body["Subject"], body["TextBody"]),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_message_is_sent_in_the_shape_of_its_provider(platform, provider, shape):
    couple = await platform("--email-provider", shape).sign_in("couple")
    answer = await couple.post("/api/communications/send", message())
    assert answer.status == 202
    assert answer.body == {"id": answer.body["id"], "status": "sent", "fallback_used": False}
    ((key, body),) = provider.mails.items()
    assert SHAPES[shape](body) == (
        ["robin@example.com", "sam@example.com"],
        "welcome",
        "name: Robin",
    )
    (asked,) = provider.of(f"email.{shape}")
    assert key == answer.body["id"]
    credential = "x-postmark-server-token" if shape == "postmark" else "authorization"
    assert asked.headers[credential]


async def test_what_is_not_taken_is_sent_later_with_the_same_key(
    database, platform, provider, counts, outbox, eventually
):
    visitor = platform(*database())
    couple = await visitor.sign_in("couple")
    provider.moods["email"] = "down"
    answer = await couple.post("/api/communications/send", message())
    assert (answer.status, answer.body["status"], answer.body["fallback_used"]) == (
        *(202, "queued"),
        True,
    )
    path = f"/api/communications/{answer.body['id']}"
    assert (await couple.get(path)).body == {"id": answer.body["id"], "status": "queued"}
    assert (await counts(visitor, "email"))["fallbacks"] == 1
    provider.moods.clear()

    async def shown():
        return (await couple.get(path)).body["status"]

    await eventually(shown, lambda status: status == "sent")
    assert list(provider.mails) == [answer.body["id"]]
    keys = {each.headers["idempotency-key"] for each in provider.asked}
    assert keys == {answer.body["id"]}
    first, last = provider.asked[0], provider.asked[-1]
    assert first.trace != last.trace  # what comes later is an operation of its own
    done = await outbox(visitor)
    assert (done["queued"], done["sent"], done["waiting"]) == (1, 1, 0)
    assert (await couple.delete(path)).status == 204
    assert (await couple.get(path)).status == 404


async def test_what_is_withdrawn_is_not_sent(platform, provider, outbox, eventually):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    provider.moods["email"] = "down"
    ids = [(await couple.post("/api/communications/send", message())).body["id"] for _ in range(2)]
    stranger = await visitor.sign_in("couple")
    assert (await stranger.delete(f"/api/communications/{ids[0]}")).status == 403
    assert (await couple.delete(f"/api/communications/{ids[0]}")).status == 204
    provider.moods.clear()

    async def done():
        return await outbox(visitor)

    found = await eventually(done, lambda found: found["waiting"] == 0)
    assert (found["withdrawn"], found["sent"]) == (1, 1)
    assert list(provider.mails) == [ids[1]]


async def test_what_waits_survives_a_killed_server(tmp_path, start, provider, visit, eventually):
    given = ("--suppliers", "1", "--dsn", f"sqlite:///{tmp_path}/sandbox.db")
    given += ("--email-url", provider.url)
    provider.moods["email"] = "down"
    server = start(*given)
    couple = await visit(server).sign_in("couple")
    sent = await couple.post("/api/communications/send", message())
    assert sent.body["status"] == "queued"
    server.kill()
    provider.moods.clear()
    again = visit(start(*given))

    async def done():
        return (await again.get("/_sandbox/counts")).body["outbox"]

    found = await eventually(done, lambda found: found["waiting"] == 0)
    assert (found["resumed"], found["sent"]) == (1, 1)
    assert list(provider.mails) == [sent.body["id"]]


async def test_a_refusal_for_good_is_an_error_and_not_queued(platform, provider, outbox):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    provider.moods["email"] = (422, {})
    answer = await couple.post("/api/communications/send", message())
    assert (answer.status, answer.body["error"]["code"]) == (502, "third_party_refused")
    assert (await outbox(visitor))["queued"] == 0
    assert len(provider.asked) == 1


async def test_a_message_that_is_still_being_taken_is_asked_for_again(platform, provider):
    couple = await platform().sign_in("couple")
    provider.moods["email"] = [(409, {}, "concurrent_idempotent_requests")]
    answer = await couple.post("/api/communications/send", message())
    assert (answer.status, answer.body["status"]) == (202, "sent")
    first, second = provider.of("email.resend")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_message_without_data_has_a_text_all_the_same(platform, provider):
    couple = await platform().sign_in("couple")
    assert (await couple.post("/api/communications/send", message(data={}))).status == 202
    (sent,) = provider.mails.values()
    assert sent["text"] == "welcome"


async def test_a_dishonest_platform_calls_it_sent(platform, provider):
    couple = await platform(without=("honest-fallback",)).sign_in("couple")
    provider.moods["email"] = "down"
    answer = await couple.post("/api/communications/send", message())
    assert (answer.body["status"], answer.body["fallback_used"]) == ("sent", False)
    assert provider.mails == {}


async def test_without_a_provider_the_answer_says_how_to_have_one(supplier):
    answer = await supplier.post("/api/communications/send", message())
    assert (answer.status, answer.body["error"]["code"]) == (503, "not_configured")
    assert "--email-url" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"template": ""}, "template"),
        ({"recipients": []}, "recipients"),
        ({"recipients": None}, "recipients"),
        ({"recipients": ["robin@gmail.com"]}, "recipients[0]"),
        ({"recipients": ["a@example.com", 5]}, "recipients[1]"),
        ({"data": []}, "data"),
        ({"data": {"a": "x" * 20_001}}, "data"),
        ({"to": []}, "to"),
    ],
)
async def test_what_is_wrong_with_a_message_is_named(supplier, changes, wrong):
    answer = await supplier.post("/api/communications/send", message(**changes))
    assert set(answer.wrong_fields) == {wrong}
