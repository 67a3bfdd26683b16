"""`ws` steps on real sockets: what is sent, awaited, kept, counted, and what goes wrong."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.helpers.ports import free_port
from tests.helpers.waiting import until
from tests.helpers.websocket_frames import BINARY, PING, close_frame, frame, read_frame
from tests.integration.protocols.websocket.conftest import Chat

ASK = """
name = "ask"
ws = "/chat"
let = { number = "${iteration}" }
send = { ask = "${number}" }
expect = "json.answer == number"
"""
#: as set-up would have captured it
TWELVE_MEGABYTES = {"words": "x" * 12_000_000}
BIG = '[[setup]]\nhttp = "GET /"\ncapture = { words = "text" }'
SIGNED_IN = """
[identities.me]
http = "POST /sign-in"
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
"""


def answer(message):
    return [{"noise": 1}, {"answer": message["ask"], "words": "x" * 20}]


# --- conversations ------------------------------------------------------------------------------


async def test_a_question_is_answered_over_one_connection_and_everything_is_counted(
    serve, converse
):
    chat = Chat(answer)
    server = await serve(chat)
    done = await converse(server, ASK, times=20)
    assert [message["ask"] for message in chat.heard] == list(range(20))
    assert done.outcomes() == {"ok": 20}
    assert done.durations().count == done.summary.trend("response_time").count == 20
    assert (server.connections, done.count("ws_connections"), done.count("ws_reconnects")) == (
        1, 1, 0,
    )  # fmt: skip
    assert done.durations("ws_connecting").count == 1
    assert (done.count("ws_messages_sent"), done.count("ws_messages_received")) == (20, 40)
    assert done.summary.rate("ws_failed", ()).yes == 0
    assert done.notes == []
    # what the client says at its end, and what is answered, nobody waits for
    closing = 6 + 2
    assert (
        done.count("data_sent")
        == server.received_bytes
        + sum(len(json.dumps(message, separators=(",", ":"))) + 6 for message in chat.heard)
        + closing
    )
    await until(lambda: chat.closes == [1001])


async def test_what_is_captured_and_checked_is_of_the_expected_message(serve, converse):
    chat = Chat(answer, headers=(b"X-Node: 7",))
    done = await converse(
        await serve(chat),
        ASK + """
capture = { words = "json.words", node = "headers['x-node']" }
check = { "101" = "status == 101", "soon" = "duration < 10s", "text" = "len(text) == len(body)",
  "waited" = "waiting <= duration", "wrong" = "json.answer == 99" }
""",
        'name = "tell"\nws = "/chat"\nsend = { ask = "${words} ${node}" }',
    )  # fmt: skip
    assert chat.heard[1] == {"ask": "x" * 20 + " 7"}
    assert done.outcomes("checks") == {"pass": 4, "fail": 1}
    assert done.outcomes() == {"ok": 2}  # a failed check fails no exchange
    # nobody waited for an answer, so there is nothing to time
    assert done.durations(step="tell").count == 0


async def test_texts_are_sent_as_they_are_and_anything_else_as_json(serve, converse):
    chat = Chat()
    await converse(
        await serve(chat),
        'ws = "/chat"\nname = "a"\nsend = "{\\"plain\\": ${vu}}"',
        'ws = "/chat"\nname = "b"\nsend = { list = [1, "${vu}", "no ${vu}"], deep = { x = true } }',
        'ws = "/chat"\nname = "c"\nlet = { whole = { y = 1 } }\nsend = "${whole}"',
        'ws = "/chat"\nname = "d"\nsend = "{}"',
        'ws = "/chat"\nname = "wait"\nexpect = "true"\nwithin = "50ms"',
    )
    assert chat.heard == [
        {"plain": 1}, {"list": [1, 1, "no 1"], "deep": {"x": True}}, {"y": 1}, {},
    ]  # fmt: skip


async def test_a_message_that_has_come_before_is_found_and_was_not_waited_for(serve, converse):
    chat = Chat(lambda _: [{"first": 1}, {"second": 2}, {"third": 3}])
    done = await converse(
        await serve(chat),
        'name = "one"\nws = "/chat"\nsend = { ask = 1 }\nexpect = "json.first == 1"',
        'name = "two"\nws = "/chat"\nexpect = "json.third == 3"\ncheck = ["duration == 0s"]',
        'name = "late"\nws = "/chat"\nexpect = "json.second == 2"\nwithin = "50ms"',
    )
    assert done.outcomes() == {"ok": 2, "timeout": 1}  # each message is looked at once
    assert done.outcomes("checks") == {"pass": 1}
    assert done.durations(step="two").max_ns == 0
    assert done.durations(step="late").min_ns >= 50_000_000
    assert "late: no message came within 50ms" in done.notes


async def test_what_came_before_a_question_is_no_answer_to_it(serve, converse):
    chat = Chat(lambda message: [{"state": message["ask"]}, {"state": "old"}])
    server = await serve(chat)
    done = await converse(
        server,
        'name = "one"\nws = "/chat"\nsend = { ask = "a" }\nexpect = "json.state == \'a\'"',
        'name = "two"\nws = "/chat"\nsend = { ask = "b" }\nexpect = "exists(json.state)"\n'
        'capture = { state = "json.state" }',
        'name = "three"\nws = "/chat"\nsend = { ask = "${state}" }',
        'name = "wait"\nws = "/chat"\nexpect = "true"',
    )
    assert done.outcomes() == {"ok": 4}
    assert chat.heard[2] == {"ask": "b"}


async def test_a_greeting_is_found_by_the_step_that_connects(serve, converse):
    chat = Chat(greeting=({"hello": "you"},))
    done = await converse(
        await serve(chat), 'ws = "/chat"\nsend = { ask = 1 }\nexpect = "json.hello == \'you\'"'
    )
    assert done.outcomes() == {"ok": 1}
    assert done.durations().count == 1


async def test_fragments_pings_and_binary_messages_are_part_of_a_conversation(serve, converse):
    def handle(message):
        text = json.dumps({"answer": message["ask"]}).encode()
        return [
            frame(b"not json") + frame(b"\x00\xff", BINARY) + frame(text[:5], fin=False)
            + frame(b"there?", PING) + frame(text[5:], 0),
        ]  # fmt: skip

    pings = Chat(handle)
    done = await converse(await serve(lambda peer: _until_close(pings, peer)), ASK)
    assert done.outcomes() == {"ok": 1}
    assert done.count("ws_messages_received") == 3


async def _until_close(chat, peer):
    try:
        await chat(peer)
    except json.JSONDecodeError:  # the pong, whose payload is no JSON
        await peer.gone()


async def test_messages_that_nobody_looks_at_are_kept_up_to_a_bound_and_then_counted(
    serve, converse
):
    flood = [frame(json.dumps({"n": n}).encode()) for n in range(1_500)]
    chat = Chat(lambda message: [b"".join(flood)] if message["ask"] == "all" else [])
    done = await converse(
        await serve(chat),
        'name = "all"\nws = "/chat"\nsend = { ask = "all" }',
        'think = "1s"',
        'name = "last"\nws = "/chat"\nexpect = "json.n == 1499"',
        'name = "first"\nws = "/chat"\nwithin = "50ms"\nexpect = "json.n == 0"',
    )
    assert done.outcomes() == {"ok": 2, "timeout": 1}
    assert done.count("ws_messages_received") == 1_500
    assert done.count("ws_messages_dropped") == 500
    assert any("the oldest fell out" in note for note in done.notes)


# --- connections --------------------------------------------------------------------------------


async def test_url_and_identity_say_which_connection_it_is(serve, converse):
    chat = Chat(answer)
    server = await serve(chat)
    done = await converse(
        server,
        'name = "a"\nws = "/chat"\nsend = { ask = 1 }',
        'name = "b"\nws = "/chat"\nas = "me"\nsend = { ask = 2 }',
        'name = "c"\nws = "/chat?room=2"\nsend = { ask = 3 }',
        'name = "d"\nws = "ws://127.0.0.1:${port}/chat"\nsend = { ask = 4 }',
        'name = "e"\nws = "/chat"\nas = "me"\nexpect = "json.answer == 2"',
        times=2,
        before=f'{SIGNED_IN}\n[variables]\nport = "{server.port}"',
    )
    assert done.outcomes() == {"ok": 10}
    assert done.count("ws_connections") == len(chat.handshakes) == 3
    assert chat.signed_in == 1


async def test_the_handshake_has_headers_of_step_identity_and_target_and_its_cookies(
    serve, converse
):
    chat = Chat(answer, headers=(b"Sec-WebSocket-Protocol: b", b"Set-Cookie: seen=yes"))
    done = await converse(
        await serve(chat),
        'ws = "/chat?a=${vu}"\nname = "one"\nas = "me"\nheaders = { X-Own = "own ${vu}" }\n'
        'subprotocol = "a, b"\ncheck = ["status == 101", "cookies.seen == \'yes\'"]',
        'ws = "/other"\nname = "two"\nas = "me"\nsubprotocol = "b"',
        before='headers = { X-Target = "target", Connection = "close" }\n' + SIGNED_IN,
    )
    assert done.outcomes() == {"ok": 2}
    assert done.outcomes("checks") == {"pass": 2}
    lines = chat.handshakes[0].split("\r\n")
    assert lines[0] == "GET /chat?a=1 HTTP/1.1"
    assert {
        "X-Own: own 1", "X-Target: target", "Authorization: Bearer t1", "Cookie: who=me",
        "Sec-WebSocket-Protocol: a, b", "Connection: Upgrade",
    } <= set(lines)  # fmt: skip
    assert [line for line in lines if line.lower().startswith("connection:")] == [
        "Connection: Upgrade"
    ]
    assert "Cookie: who=me; seen=yes" in chat.handshakes[1]


async def test_a_connection_that_the_server_has_ended_is_made_again_and_counted(serve, converse):
    chat = Chat(lambda message: [*answer(message), close_frame(1001)])
    done = await converse(await serve(chat), ASK, 'think = "20ms"', times=4)
    assert done.outcomes() == {"ok": 4}
    assert done.count("ws_connections") == len(chat.handshakes) == 4
    assert done.count("ws_reconnects") == 3


async def test_what_came_before_the_server_ended_the_connection_is_still_found(serve, converse):
    chat = Chat(lambda _: [{"a": 1}, {"b": 2}, close_frame(1000)])
    done = await converse(
        await serve(chat),
        'name = "a"\nws = "/chat"\nsend = {}\nexpect = "json.a == 1"',
        'think = "20ms"',
        'name = "b"\nws = "/chat"\nexpect = "json.b == 2"',
    )
    assert done.outcomes() == {"ok": 2}
    assert len(chat.handshakes) == 1


async def test_connections_can_end_with_each_iteration(serve, converse):
    chat = Chat(answer)
    server = await serve(chat)
    done = await converse(server, ASK, times=5, before='[http]\nconnections = "per-iteration"')
    assert done.outcomes() == {"ok": 5}
    assert (done.count("ws_connections"), done.count("ws_reconnects")) == (5, 0)
    await until(lambda: chat.closes == [1001] * 5)


async def test_a_step_can_close_its_connection(serve, converse):
    chat = Chat(answer)
    done = await converse(
        await serve(chat), ASK + "close = true", 'name = "again"\nws = "/chat"\nclose = true',
        times=2,
    )  # fmt: skip
    assert done.outcomes() == {"ok": 4}
    await until(lambda: chat.closes == [1000] * 4)
    assert (done.count("ws_connections"), done.count("ws_reconnects")) == (4, 0)


async def test_a_url_that_changes_leaves_no_connection_behind(serve, converse):
    chat = Chat(answer)
    server = await serve(chat)
    ask = ASK.replace('"/chat"', '"/rooms/${iteration}"')
    done = await converse(
        server, ask, ask.replace('"ask"', '"more"'), 'name = "kept"\nws = "/chat"', times=6
    )
    assert done.count("ws_connections") == 7
    assert server.connections == 7
    await until(lambda: chat.closes == [1001] * 7)
    assert done.outcomes() == {"ok": 18}


# --- what goes wrong ----------------------------------------------------------------------------


async def test_silence_is_a_timeout_with_its_full_wait(serve, converse):
    done = await converse(await serve(Chat()), ASK + 'within = "80ms"\ncheck = ["status == 101"]')
    assert done.outcomes() == {"timeout": 1}
    assert done.durations().min_ns >= 80_000_000
    assert done.notes == ["ask: no message came within 80ms"]
    assert done.outcomes("checks") == {"fail": 1}
    assert done.summary.rate("ws_failed", ()).yes == 1
    assert done.outcomes("iterations") == {"failed": 1}


async def test_messages_that_do_not_fit_are_said_of_a_timeout(serve, converse):
    chat = Chat(lambda _: [{"answer": "other"}, {"answer": "another"}])
    done = await converse(await serve(chat), ASK + 'within = "80ms"')
    assert done.outcomes() == {"timeout": 1}
    assert done.notes == ["ask: 2 messages came within 80ms, and none fits"]


async def test_a_message_after_the_deadline_is_too_late(serve, converse):
    class Slow(Chat):
        async def _converse(self, peer):
            await read_frame(peer.reader)
            await asyncio.sleep(0.11)
            await peer.send(frame(b'{"answer": 0}'))
            await peer.gone()

    done = await converse(await serve(Slow()), ASK + 'within = "100ms"')
    assert done.outcomes() == {"timeout": 1}


@pytest.mark.parametrize(
    ("answers", "outcome", "said"),
    [
        (None, "reset", "ask: the connection ended without a close frame"),
        (
            [close_frame(1011, b"overloaded")],
            "reset", "ask: the server closed the connection (1011: overloaded)",
        ),
        ([close_frame(1000)], "reset", "ask: the server closed the connection (1000)"),
        ([frame(b"x", opcode=5)], "protocol", "opcode"),
        ([frame(b"x" * 2_000)], "too_large", "ask: a message is longer than 1,000 bytes"),
    ],
    ids=["closed", "1011", "1000", "opcode", "too long"],
)  # fmt: skip
async def test_an_end_in_mid_step_is_a_failure_that_says_why(
    serve, converse, answers, outcome, said
):
    chat = Chat(lambda _: answers)
    done = await converse(await serve(chat), ASK, times=2, before='[http]\nmax_response = "1kB"')
    assert done.outcomes() == {outcome: 2}
    assert done.durations().count == 2
    assert said in done.notes[0]
    assert done.count("ws_reconnects") == 1
    assert len(chat.handshakes) == 2


async def test_a_refused_handshake_is_its_status_and_signs_in_again(serve, converse):
    chat = Chat(refuses=b"HTTP/1.1 401 Unauthorized\r\nX-Why: expired\r\nContent-Length: 0\r\n\r\n")
    done = await converse(
        await serve(chat),
        ASK + 'as = "me"\ncheck = ["status == 401", "headers[\'x-why\'] == \'expired\'"]',
        times=2,
        before=SIGNED_IN,
    )
    assert done.outcomes() == {"status": 2}
    assert done.durations().count == 0
    assert done.outcomes("checks") == {"pass": 4}
    assert chat.signed_in == 2
    assert "the handshake was answered with status 401" in done.notes[0]
    assert done.count("ws_connections") == done.count("ws_reconnects") == 0


async def test_what_is_no_websocket_is_a_protocol_failure(serve, converse):
    done = await converse(await serve(Chat(refuses=b"220 mail ESMTP\r\n\r\n")), ASK)
    assert done.outcomes() == {"protocol": 1}
    assert "no WebSocket handshake" in done.notes[0]


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("ws://192.0.2.7/chat", "blocked"),
        ("ws://no-such-host.invalid/chat", "dns"),
        ("ws://127.0.0.1:{free}/chat", "connect"),
    ],
)
async def test_no_connection_is_counted_and_has_no_duration(converse, url, outcome):
    url = url.replace("{free}", str(free_port()))
    done = await converse("http://127.0.0.1:9", ASK.replace("/chat", url))
    assert done.outcomes() == {outcome: 1}
    assert done.durations().count == 0
    assert done.count("ws_connections") == 0
    assert done.summary.trend("response_time").count == 0


async def test_a_handshake_that_is_not_answered_counts_with_its_full_wait(serve, converse):
    async def silent(peer):
        await peer.gone()

    done = await converse(await serve(silent), ASK + 'within = "80ms"')
    assert done.outcomes() == {"timeout": 1}
    assert done.durations().min_ns >= 80_000_000
    assert "no answer to the handshake" in done.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"/chat"', '"${base}/chat"', "'ftp://a/chat' is not a ws or wss URL"),
        ('ask = "${number}"', 'ask = "${missing}"', "'there' has no value"),
        ('name = "ask"', 'name = "ask"\nheaders = { X-A = "${lines}" }', "holds a line break"),
    ],
    ids=["url", "send", "header"],
)
async def test_a_value_that_cannot_stand_where_it_is_put_ends_the_iteration(
    serve, converse, old, new, said
):
    chat = Chat(answer)
    before = '[variables]\nbase = "ftp://a"\nlines = "a\\r\\nb"\nnothing = {}\n'
    let = 'let = { number = "${iteration}", missing = "${nothing.there}" }'
    assert old in ASK
    step = ASK.replace(old, new)
    if "missing" in new:
        step = step.replace('let = { number = "${iteration}" }', let)
    done = await converse(await serve(chat), step, before=before)
    assert done.outcomes() == {}
    assert said in done.notes[0]
    assert done.outcomes("iterations") == {"failed": 1}
    assert chat.heard == []


async def test_a_failed_step_can_end_its_iteration(serve, converse):
    chat = Chat()
    done = await converse(
        await serve(chat), ASK + 'within = "50ms"\non_failure = "end-iteration"',
        'name = "next"\nws = "/chat"\nsend = { ask = "next" }',
    )  # fmt: skip
    assert done.outcomes() == {"timeout": 1}
    assert [message["ask"] for message in chat.heard] == [0]


async def test_what_is_cut_off_is_counted_apart_with_its_wait(serve, converse):
    chat = Chat()
    done = await converse(
        await serve(chat), ASK,
        scenario='executor = "constant-vus"\nvus = 2\nduration = "1s"\ngraceful_stop = "0s"',
    )  # fmt: skip
    assert done.outcomes() == {}
    assert done.durations("ws_interrupted").count == 2
    assert done.durations("ws_interrupted").min_ns > 0
    assert done.count("ws_messages_sent") == 2
    await until(lambda: chat.closes == [1001] * 2)


async def test_a_server_that_leaves_before_it_has_read_a_message_is_a_reset(
    serve, upgraded, converse
):
    async def play(peer):
        await peer.reader.read(10)
        peer.reset()

    server = await serve(upgraded(play), receive_buffer=4_096)
    done = await converse(
        server,
        'ws = "/chat"\nname = "big"\nsend = "${words}"',
        before=BIG,
        variables=TWELVE_MEGABYTES,
    )
    assert done.outcomes() == {"reset": 1}
    assert done.durations().count == 0


async def test_a_server_that_does_not_read_is_a_timeout(serve, upgraded, converse):
    async def play(peer):
        await asyncio.sleep(3600)

    server = await serve(upgraded(play), receive_buffer=4_096)
    done = await converse(
        server,
        'ws = "/chat"\nname = "big"\nwithin = "100ms"\nsend = "${words}"',
        before=BIG,
        variables=TWELVE_MEGABYTES,
    )
    assert done.outcomes() == {"timeout": 1}
    assert done.notes == ["big: the message was not taken within 100ms"]
