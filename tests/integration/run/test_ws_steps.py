"""What ws steps can do, in a whole run: from the plan to a server of aiohttp and the result."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time

import pytest
import trustme
from aiohttp import WSMsgType, web

from tests.helpers.waiting import GENEROUS_S

DELAY_S = 0.03
VUS, ITERATIONS = 3, 8


class ChatServer:
    """Converses in JSON with who has signed in, in a thread of its own, and counts."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.connections = self.signed_in = self.asked = self.sent = 0
        self.closed_by: list[int | None] = []
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.add_routes([web.get("/chat", self._chat), web.post("/sign-in", self._sign_in)])
        runner = web.AppRunner(app, shutdown_timeout=1)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls)
        self._loop.run_until_complete(site.start())
        port = runner.addresses[0][1]
        self.url = f"{'http' if self._tls is None else 'https'}://127.0.0.1:{port}"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _sign_in(self, _request: web.Request) -> web.Response:
        self.signed_in += 1
        return web.json_response({"token": "t-1"})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != "Bearer t-1":
            return web.Response(status=401)
        talk = web.WebSocketResponse(protocols=("chat",))
        await talk.prepare(request)
        self.connections += 1
        async for message in talk:
            assert message.type is WSMsgType.TEXT
            self.asked += 1
            question = message.json()
            if question["ask"] == "leave":
                await talk.close(code=1001, message=b"as asked")
                break
            await talk.send_json({"noise": True})
            self.sent += 1
            if question["ask"] != "nothing":
                await asyncio.sleep(DELAY_S)
                await talk.send_json({"answer": question["ask"], "seat": 7})
                self.sent += 1
        self.closed_by.append(talk.close_code)
        return talk


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(params=["plain", "tls"])
def chat(request, authority, tmp_path):
    context = None
    if request.param == "tls":
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
    server = ChatServer(context)
    yield server
    server.close()


def plan_of(chat: ChatServer, steps: str, benchmarks: str, *, ends: str = "") -> str:
    tls = 'tls = { ca = "ca.pem" }' if chat.url.startswith("https") else ""
    return f"""
schema = 1
name = "conversations"
[targets.local]
base_url = "{chat.url}"
{tls}
[identities.me]
http = "POST /sign-in"
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}" }}
[scenarios.main]
executor = "per-vu-iterations"
vus = {VUS}
iterations = {ITERATIONS}
workflow = "talk"
{ends}
{steps}
[benchmarks]
{benchmarks}
"""


ASK = """
[[workflows.talk]]
name = "ask"
ws = "/chat"
as = "me"
subprotocol = "chat"
let = { id = "${uuid()}" }
send = { ask = "${id}" }
expect = "json.answer == id"
within = "5s"
capture = { seat = "json.seat" }
check = [
  "json.seat == 7",
  "headers['sec-websocket-protocol'] == 'chat'",
]
[[workflows.talk]]
name = "tell"
ws = "/chat"
as = "me"
send = "{\\"ask\\": \\"nothing\\"}"
"""


def test_a_run_counts_and_times_conversations_as_the_server_does(run, chat):
    plan = plan_of(
        chat,
        ASK,
        '"Answers"  = "ws_duration{step=ask}: med < 5s"\n'
        '"Too fast" = "ws_duration: max < 10ms"\n'
        '"Failures" = "ws_failed: rate < 1%"\n'
        '"Sent"     = "ws_messages_sent: count == 48"\n',
    )

    done = run(plan)

    number = VUS * ITERATIONS
    rows = {row["name"]: row["status"] for row in done.result["benchmarks"]}
    assert rows == {"Answers": "met", "Too fast": "missed", "Failures": "met", "Sent": "met"}
    assert done.result["metrics"]["ws_failed"]["rate"] == 0
    assert done.count("ws_exchanges") == done.count("ws_messages_sent") == chat.asked == 2 * number
    assert done.count("ws_connections") == chat.connections == chat.signed_in == VUS
    assert done.count("ws_reconnects") == 0
    # what nobody waits for may come after the end
    assert number * 2 <= done.count("ws_messages_received") <= chat.sent
    ask, tell = done.step("ask"), done.step("tell")
    assert ask["outcomes"] == tell["outcomes"] == {"ok": number}
    duration = ask["metrics"]["ws_duration"]
    assert duration["count"] == number
    assert duration["min"] >= DELAY_S * 1000
    assert "ws_duration" not in tell["metrics"]
    assert done.result["metrics"]["checks"] == {
        **done.result["metrics"]["checks"], "yes": 2 * number, "count": 2 * number,
    }  # fmt: skip
    assert done.count("workflow_duration") == number
    shown = [line for line in done.err.splitlines() if line.strip().startswith(("ask ", "tell "))]
    assert [line.split()[0] for line in shown] == ["ask", "tell"]
    # the path of the plan may be of a folder pytest-1…
    assert "t-1" not in str(done.result).replace(done.result["run"]["plan_file"], "")


def test_a_server_that_leaves_is_reconnected_to_and_said_in_the_result(run, chat):
    leave = (
        '[[workflows.talk]]\nname = "leave"\nws = "/chat"\nas = "me"\nsend = { ask = "leave" }\n'
    )
    wait = '[[workflows.talk]]\nname = "wait"\nws = "/chat"\nas = "me"\nexpect = "json.x == 1"\n'
    plan = plan_of(chat, leave + wait, '"Failures" = "ws_failed{step=wait}: rate < 1%"\n')

    done = run(plan)

    number = VUS * ITERATIONS
    assert [row["status"] for row in done.result["benchmarks"]] == ["missed"]
    assert done.step("wait")["outcomes"] == {"reset": number}
    assert done.step("leave")["outcomes"] == {"ok": number}
    assert {one["message"] for one in done.result["failures"]} == {
        "wait: the server closed the connection (1001: as asked)"
    }
    assert done.count("ws_connections") == chat.connections == number
    assert done.count("ws_reconnects") == number - VUS


def test_clean_ends_are_what_the_server_sees(run, chat):
    run(plan_of(chat, ASK, '"Failures" = "ws_failed: rate < 1%"\n'))
    deadline_s = time.monotonic() + GENEROUS_S
    while len(chat.closed_by) < VUS and time.monotonic() < deadline_s:
        time.sleep(0.01)  # it is in a thread of its own
    assert chat.closed_by == [1001] * VUS
