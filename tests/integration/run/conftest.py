"""A server that keeps exact accounts of what it was sent, to compare with what wedload says."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.helpers.environment import without_wedload
from tests.helpers.places import WEDLOAD

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S = 90


@dataclass
class Seen:
    """A request, as the server saw it; instants in seconds of one monotonic clock."""

    number: int  # from 1
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    received_s: float
    connection: int
    reply: Reply | None = None
    delayed_s: float = 0.0  # what it took on purpose, by its own clock


@dataclass
class Reply:
    """What the server does about a request."""

    status: int = 200
    body: bytes = b"{}"
    delay_s: float = 0.0
    action: Literal["answer", "close", "hang"] = "answer"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Connected:
    """A connection, as the server saw it."""

    opened_s: float
    closed_s: float | None = None


class _Protocol(asyncio.Protocol):
    def __init__(self, server: RecordingServer) -> None:
        self._server = server
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._number = len(self._server.connections)
        self._server.connections.append(Connected(time.perf_counter()))

    def connection_lost(self, _: Exception | None) -> None:
        self._server.connections[self._number].closed_s = time.perf_counter()
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._server.received_bytes += len(data)
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines[1:])
        }
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, target, _ = lines[0].split(" ")
        seen = Seen(
            len(self._server.requests) + 1, method, target, headers, rest[:length],
            time.perf_counter(), self._number,
        )  # fmt: skip
        self._server.requests.append(seen)
        seen.reply = self._server.handle(seen)
        task = asyncio.get_running_loop().create_task(self._answer(seen, seen.reply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, seen: Seen, reply: Reply) -> None:
        if reply.delay_s:
            await asyncio.sleep(reply.delay_s)
        if reply.action == "hang":
            return
        if reply.action == "close":
            self._transport.close()
            return
        seen.delayed_s = time.perf_counter() - seen.received_s
        headers = {
            "Content-Length": str(len(reply.body)),
            "X-Delay": f"{seen.delayed_s:.9f}",
            **reply.headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        data = f"HTTP/1.1 {reply.status} Whatever\r\n{lines}\r\n".encode() + reply.body
        self._server.sent_bytes += len(data)
        self._transport.write(data)


class RecordingServer:
    """Runs in a thread of its own; what it keeps is read when a run is over."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.connections: list[Connected] = []
        self.received_bytes = 0
        self.sent_bytes = 0
        self.handle: Callable[[Seen], Reply] = lambda _: Reply()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Protocol(self), "127.0.0.1", 0, backlog=512)
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def targets(self) -> Counter[str]:
        """How often each method and path was asked for."""
        return Counter(f"{one.method} {one.target}" for one in self.requests)

    def open_at(self, instant_s: float) -> int:
        """Connections open at an instant."""
        return sum(
            one.opened_s <= instant_s and (one.closed_s is None or instant_s < one.closed_s)
            for one in self.connections
        )


@pytest.fixture
def server():
    one = RecordingServer()
    yield one
    one.close()


@pytest.fixture
def more_servers():
    """Servers beside the one, each on a port of its own."""
    ones: list[RecordingServer] = []

    def make(count: int) -> list[RecordingServer]:
        ones.extend(RecordingServer() for _ in range(count))
        return ones

    yield make
    for one in ones:
        one.close()


@dataclass
class Outcome:
    """A finished run."""

    code: int
    result: dict[str, Any]
    err: str

    def count(self, metric: str, where: dict[str, Any] | None = None) -> int:
        """Of a metric over all, or of a part of the result."""
        metrics = (where or self.result)["metrics"]
        return metrics[metric]["count"] if metric in metrics else 0

    def step(self, name: str) -> dict[str, Any]:
        (found,) = [step for step in self.result["steps"] if step["step"] == name]
        return found


def environment(folder: Path, **changes: str) -> dict[str, str]:
    return {**without_wedload(), "TMPDIR": str(folder), **changes}


@pytest.fixture
def run(tmp_path):
    """Run a plan (a text or a file) with the console script; `under` is what runs it."""

    def run_plan(
        plan: str | Path, *arguments: object, under: tuple[str, ...] = (), **env: str
    ) -> Outcome:
        path = plan if isinstance(plan, Path) else tmp_path / "plan.toml"
        if isinstance(plan, str):
            path.write_text(plan)
        done = subprocess.run(
            [*under, str(WEDLOAD), "run", str(path), *map(str, arguments), "-o", "r.json"],
            cwd=tmp_path,
            env=environment(tmp_path, **env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
        )
        err = done.stderr.decode()
        assert done.returncode in {0, 1, 3}, err
        result = json.loads((tmp_path / "r.json").read_bytes())
        assert result == json.loads(done.stdout)
        return Outcome(done.returncode, result, err)

    return run_plan


def nearest_rank(values: list[float], q: float) -> float:
    """The quantile as HdrHistogram defines it: the smallest value that q of all reach."""
    ordered = sorted(values)
    return ordered[max(math.ceil(q * len(ordered)) - 1, 0)]


@pytest.fixture
def quantile():
    return nearest_rank


@pytest.fixture
def plan_for(server):
    """A plan against the recording server: its scenario and its steps."""

    def make(scenario: str, steps: str, more: str = "") -> str:
        return (
            'schema = 1\nname = "known answers"\n'
            f'[targets.local]\nbase_url = "{server.url}"\n'
            f'[scenarios.main]\nworkflow = "visit"\ngraceful_stop = "10s"\n{scenario}\n'
            f"{steps}\n{more}\n"
        )

    return make


@pytest.fixture
def reply():
    return Reply
