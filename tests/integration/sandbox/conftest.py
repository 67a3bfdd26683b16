"""Starts the real server, on both databases, and talks to it as any client would."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from wedload.sandbox.auth import SigninKeys

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPPLIER_KEY, COUPLE_KEY = "supplier key of the tests", "couple key of the tests"
DEADLINE_S = 60
#: those of the servers that tests share
SUPPLIERS = 5_000
_numbers = itertools.count(1)


# --- The server -----------------------------------------------------------------------------------


def environment(**changes: str | None) -> dict[str, str]:
    """This process's, with the sign-in keys; None takes a variable away."""
    merged = {
        **os.environ,
        "WEDLOAD_SUPPLIER_KEY": SUPPLIER_KEY,
        "WEDLOAD_COUPLE_KEY": COUPLE_KEY,
        **changes,
    }
    return {name: value for name, value in merged.items() if value is not None}


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "wedload.sandbox", *args]


class Server:
    """A running sandbox process."""

    def __init__(self, *args: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command(*args),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env or environment(),
        )
        self.ready_line = self.process.stdout.readline()
        if not self.ready_line:
            self.kill()
            pytest.fail(f"the server did not start: {self.errors}")
        self.ready = json.loads(self.ready_line)
        self.url: str = self.ready["url"]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        # Not communicate(): that would end its stdin first.
        code = self.process.wait(DEADLINE_S)
        self._collect()
        return code

    def stop(self) -> int:
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)
        self._collect()

    def _collect(self) -> None:
        if not self.process.stdout.closed:
            self.more_output = self.process.stdout.read().decode()
            self.errors = self.process.stderr.read().decode()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@pytest.fixture
def start():
    """Starts servers with the given arguments; those still running are stopped after the test."""
    servers: list[Server] = []

    def start_one(*args: str, **options: Any) -> Server:
        servers.append(Server(*args, **options))
        return servers[-1]

    yield start_one
    for server in servers:
        if server.process.poll() is None:
            server.kill()


# Not of the session: it would be set up anew, with its server, for each file and kind.
@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """Arguments for a server on a fresh database; each test that uses it runs on both kinds."""
    if request.param == "sqlite":
        return lambda: ()
    cluster = request.getfixturevalue("cluster")
    return lambda: ("--dsn", cluster.new_database())


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_server(request):
    """One server per database for the many tests that only need accounts of their own."""
    return request.getfixturevalue(f"shared_{request.param}")


@pytest.fixture(scope="session")
def shared_sqlite():
    yield from _shared()


@pytest.fixture(scope="session")
def shared_postgresql(cluster):
    yield from _shared("--dsn", cluster.new_database())


def _shared(*args: str) -> Iterator[Server]:
    server = Server(*args, "--rate-limit", "0", "--suppliers", str(SUPPLIERS))
    yield server
    assert server.stop() == 0
    assert server.errors == ""


# --- Clients --------------------------------------------------------------------------------------


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any

    @property
    def wrong_fields(self) -> dict[str, str]:
        assert self.status == 422, self
        assert self.body["error"]["code"] == "invalid"
        return self.body["error"]["fields"]


@dataclass
class Client:
    """Somebody who calls the API, signed in or not."""

    url: str
    http: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)
    id: str = ""
    email: str = ""

    async def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        if body is not None:
            encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
            # aiohttp warns of a large body that is given as bytes.
            options["data"] = io.BytesIO(encoded) if len(encoded) > 100_000 else encoded
        headers = {**self.headers, **options.pop("headers", {})}
        async with self.http.request(
            method, f"{self.url}{path}", headers=headers, **options
        ) as response:
            content = await response.read()
            return Answer(response.status, response.headers, json.loads(content or "null"))

    async def get(self, path: str, **options: Any) -> Answer:
        return await self("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return await self("POST", path, body, **options)

    async def delete(self, path: str) -> Answer:
        return await self("DELETE", path)

    async def sign_in(self, role: str, email: str | None = None) -> Client:
        email = email or f"{role}{next(_numbers)}@example.com"
        key = SUPPLIER_KEY if role == "supplier" else COUPLE_KEY
        answer = await self.post(f"/api/auth/{role}", {"email": email, "key": key})
        assert answer.status == 200, answer
        token = {"Authorization": f"Bearer {answer.body['token']}"}
        return Client(self.url, self.http, token, answer.body[f"{role}_id"], email)

    async def create_form(self, fields: list[dict[str, Any]] | None = None) -> str:
        body = {"title": "Our wedding", "fields": fields or [NAME]}
        answer = await self.post("/api/forms/intake", body)
        assert answer.status == 201, answer
        return answer.body["id"]

    async def connect(self, form: str) -> Answer:
        body = {"wedding_date": "2027-06-05", "venue": "The Old Barn"}
        return await self.post(f"/api/connections/{form}", body)

    async def submit(self, form: str, responses: dict[str, Any] | None = None) -> Answer:
        return await self.post(f"/api/forms/{form}/submit", {"responses": responses or ANSWERED})

    async def listen(self, url: str, **options: Any) -> dict[str, str]:
        """Register an endpoint; its id and secret."""
        answer = await self.post("/api/webhooks/endpoints", {"url": url, **options})
        assert answer.status == 201, answer
        return answer.body

    async def trigger(self, event: str = "test.event", payload: Any = None) -> str:
        """Trigger a message of one's own; its id."""
        body = {"event": event, "payload": payload}
        answer = await self.post("/api/webhooks/trigger", body)
        assert answer.status == 202, answer
        return answer.body["id"]

    async def delivery(self, message: str) -> Any:
        answer = await self.get(f"/api/webhooks/delivery-status?id={message}")
        assert answer.status == 200, answer
        return answer.body


NAME = {"name": "name", "label": "Your names", "type": "text", "required": True}
ANSWERED = {"name": "Robin and Sam"}


@pytest.fixture
async def http():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(DEADLINE_S)) as session:
        yield session
    # aiohttp closes its sockets in the loop's next turn.
    await asyncio.sleep(0)


@pytest.fixture
def keys():
    """What everybody here signs in with, for a platform that runs in the test's own process."""
    return SigninKeys(SUPPLIER_KEY, COUPLE_KEY)


@pytest.fixture
def visitor(shared_server, http):
    """Not signed in."""
    return Client(shared_server.url, http)


@pytest.fixture
def visit(http):
    """A visitor of a server that the test started itself."""
    return lambda server: Client(server.url, http)


@pytest.fixture
async def supplier(visitor):
    return await visitor.sign_in("supplier")


@pytest.fixture
async def couple(visitor):
    return await visitor.sign_in("couple")


@pytest.fixture
def eventually():
    """Asks again until the answer satisfies; the deadline is only for what never comes."""

    async def ask(question, satisfied):
        async with asyncio.timeout(DEADLINE_S):
            while not satisfied(answer := await question()):
                await asyncio.sleep(0.005)
            return answer

    return ask


# --- A receiver of webhooks -----------------------------------------------------------------------


@dataclass
class Arrival:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Notes every request and answers 204, or what the script of its path returns."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.scripts: dict[str, Any] = {}
        self.url = ""
        self.closing = asyncio.Event()

    async def hang(self) -> int:
        """What a script returns to answer only when the test is over."""
        await self.closing.wait()
        return 204

    def at(self, path: str) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.path == path]

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrival = Arrival(request.path, headers, body, time.monotonic())
        self.arrivals.append(arrival)
        script = self.scripts.get(request.path)
        answer = script(arrival) if script else 204
        if asyncio.iscoroutine(answer):
            answer = await answer
        return web.Response(status=answer) if isinstance(answer, int) else answer


@pytest.fixture
async def receiver():
    """Serves on loopback, in the test's own loop."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    await web.SockSite(runner, listener).start()
    receiver.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield receiver
    receiver.closing.set()
    await runner.cleanup()
