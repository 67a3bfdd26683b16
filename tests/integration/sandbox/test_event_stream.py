"""The stream of server-sent events: what is told, to whom, and to who comes back."""

from __future__ import annotations

import asyncio
import json

import pytest

from .conftest import COUPLE_KEY, DEADLINE_S

PATH = "/api/realtime/events"


class Listening:
    """An open stream; events come as `(id, event, data)`."""

    def __init__(self, response):
        self.response = response

    async def next(self):
        fields = {}
        async with asyncio.timeout(DEADLINE_S):
            while line := (await self.response.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                fields[name] = value
        if "id" not in fields:
            return fields
        return int(fields["id"]), fields["event"], json.loads(fields["data"])

    def close(self):
        self.response.close()


@pytest.fixture
async def listen(http):
    """Opens a stream as somebody who is signed in."""
    opened = []

    async def open_stream(client, query="", after=None):
        headers = dict(client.headers)
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        response = await http.get(f"{client.url}{PATH}{query}", headers=headers)
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = Listening(response)
        opened.append(stream)
        assert await stream.next() == {"retry": "1000"}
        return stream

    yield open_stream
    for stream in opened:
        stream.close()


@pytest.fixture
async def alone(start, visit):
    """Somebody on a server of their own, where numbers start from 1."""
    return await visit(start("--suppliers", "10", "--rate-limit", "0")).sign_in("supplier")


async def post(client, kind, data=None):
    answer = await client.post(PATH, {"type": kind, "data": data})
    assert answer.status == 202
    return answer.body["id"]


async def test_what_is_posted_reaches_every_stream(alone, listen):
    streams = [await listen(alone) for _ in range(3)]
    sent = [await post(alone, "note", {"n": n, "text": "one\ntwo"}) for n in range(2)]
    assert sent == [1, 2]
    for stream in streams:
        assert await stream.next() == (1, "note", {"n": 0, "text": "one\ntwo"})
        assert await stream.next() == (2, "note", {"n": 1, "text": "one\ntwo"})


async def test_stream_of_some_types_has_only_those(alone, listen):
    stream = await listen(alone, "?types=b,c")
    for kind in ("a", "b", "d", "c"):
        await post(alone, kind)
    assert [(await stream.next())[:2] for _ in range(2)] == [(2, "b"), (4, "c")]


async def test_platform_tells_of_submissions_and_of_journeys(supplier, couple, listen):
    form = await supplier.create_form()
    await couple.connect(form)
    stream = await listen(supplier, "?types=submission.created,journey.started")
    submission = (await couple.submit(form)).body["id"]
    number, kind, data = await stream.next()
    while data.get("id") != submission:  # other tests submit too
        number, kind, data = await stream.next()
    assert kind == "submission.created"
    assert data["form_id"] == form
    later, kind, data = await stream.next()
    while data.get("submission_id") != submission:
        later, kind, data = await stream.next()
    assert later > number
    assert (kind, data["state"]) == ("journey.started", "running")


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice(alone, listen):
    stream = await listen(alone)
    await post(alone, "note", 1)
    last, *_ = await stream.next()
    stream.close()
    for n in (2, 3):
        await post(alone, "note", n)
    await post(alone, "other", 4)
    stream = await listen(alone, "?types=note", after=last)
    await post(alone, "note", 5)
    assert [(await stream.next())[2] for _ in range(3)] == [2, 3, 5]


async def test_who_was_away_for_long_gets_what_is_still_kept(alone, listen):
    for n in range(1, 1006):
        await post(alone, "note", n)
    stream = await listen(alone, after=1)
    assert (await stream.next())[0] == 6
    for _ in range(998):
        await stream.next()
    assert (await stream.next())[0] == 1005


async def test_number_of_an_earlier_server_gets_all_there_is(alone, listen):
    await post(alone, "note", 1)
    stream = await listen(alone, after=77)
    assert (await stream.next())[2] == 1


async def test_stream_that_ended_is_counted_no_more(alone, listen, eventually):
    stream = await listen(alone)

    async def connections():
        return (await alone.get("/_sandbox/counts")).body["realtime"]["connections"]

    assert await connections() == 1
    stream.close()
    await eventually(connections, lambda count: count == 0)


async def test_server_that_stops_ends_its_streams(start, visit, listen):
    server = start("--suppliers", "10")
    stream = await listen(await visit(server).sign_in("couple"))
    server.signal(15)
    assert await stream.response.content.read() == b""
    assert server.wait() == 0
    assert server.errors == ""


async def test_streams_suffer_weaknesses_too(start, visit, listen):
    server = start("--realtime-weakness", "lose=1/2", "--suppliers", "10")
    client = await visit(server).sign_in("couple")
    stream = await listen(client)
    for n in range(1, 6):
        await post(client, "note", n)
    assert [(await stream.next())[2] for _ in range(3)] == [1, 3, 5]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"type"}),
        ({"type": ""}, {"type"}),
        ({"type": "two\nlines"}, {"type"}),
        ({"type": "x", "date": 1}, {"date"}),
        (b'{"type":"x","data":' + b"[" * 900 + b"]" * 900 + b"}", {"data"}),
    ],
)
async def test_event_of_another_form_is_422(supplier, body, wrong):
    assert set((await supplier.post(PATH, body)).wrong_fields) == wrong


async def test_key_opens_a_stream(visitor, http):
    async with http.get(f"{visitor.url}{PATH}", params={"apikey": COUPLE_KEY}) as response:
        assert response.status == 200


async def test_stream_and_posting_need_a_token_and_a_number_that_is_one(visitor, supplier):
    assert (await visitor.get(PATH)).status == 401
    assert (await visitor.post(PATH, {"type": "x"})).status == 401
    for wrong in ("x", "-1", "٣", "9" * 5000):
        answer = await supplier.get(PATH, headers={"Last-Event-ID": wrong})
        assert set(answer.wrong_fields) == {"Last-Event-ID"}
