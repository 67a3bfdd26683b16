"""The engine in virtual time, with a stand-in for the network and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from wedload.clock import FakeClock
from wedload.engine.engine import Engine
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.plan.secrets.vault import Vault
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.response import Response
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import Settings
from wedload.workload.segment import Segment

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.metrics.histogram import Histogram
    from wedload.metrics.snapshot import Snapshot
    from wedload.safety.journal.writer import LoadJournal
    from wedload.workload.request import Request

HEADER = """
schema = 1
name = "test"
[targets.here]
base_url = "http://127.0.0.1:8000"
"""
#: the clock's reading when a run begins: an instant of 0 means "never"
ORIGIN_NS = 1_000 * NS_PER_S
#: outcomes of requests that had no connection to be sent on
NEVER_SENT = {"dns", "connect", "tls", "blocked"}
LONGEST_S = 1_000  # of virtual time: a run that takes longer hangs


@dataclass
class Answer:
    """What the network says to a request, and after how long."""

    after_s: float = 0.1
    status: int = 200
    json: Any = None
    headers: dict[str, str] | tuple[tuple[str, str], ...] = ()
    outcome: str = "ok"
    raises: Exception | None = None


@dataclass
class Exchange:
    """A request as the network saw it."""

    vu: int  # number of its client, in the order in which they were made
    request: Request
    lines: bytes  # all header lines
    started_s: float
    ended_s: float | None = None  # None: cut off

    @property
    def path(self) -> str:
        return self.request.target.decode()

    @property
    def line(self) -> str:
        return f"{self.request.method} {self.path}"


class Network:
    """Answers after virtual time, and counts. `answer` is told of each exchange as it begins."""

    def __init__(self, clock: FakeClock, answer: Callable[[Exchange], Answer]) -> None:
        self.clock, self.answer = clock, answer
        self.exchanges: list[Exchange] = []
        self.clients: list[Client] = []

    def client(self) -> Client:
        self.clients.append(Client(self, len(self.clients)))
        return self.clients[-1]

    async def close(self) -> None:
        for client in self.clients:
            client.close()

    @property
    def now_s(self) -> float:
        return (self.clock.now_ns() - ORIGIN_NS) / NS_PER_S

    @property
    def finished(self) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.ended_s is not None]

    def starts(self, vu: int) -> list[float]:
        return [exchange.started_s for exchange in self.exchanges if exchange.vu == vu]

    @property
    def lines(self) -> list[str]:
        return [exchange.line for exchange in self.exchanges]


class Client:
    """Implements `wedload.engine.port.HttpClient`."""

    def __init__(self, network: Network, number: int) -> None:
        self._network, self._number = network, number
        self.closed = 0
        self.most_at_once = 6

    def another(self) -> Client:
        return self._network.client()

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> Response:
        clock = self._network.clock
        if turn is not None:
            await turn()
        began_ns = clock.now_ns()
        seen = Exchange(
            self._number, request, request.headers + b"".join(headers), self._network.now_s
        )
        self._network.exchanges.append(seen)
        answer = self._network.answer(seen)
        if answer.raises is not None:
            raise answer.raises
        sent_bytes = len(request.encode(headers))
        try:
            await clock.sleep_until(began_ns + round(answer.after_s * NS_PER_S))
        except asyncio.CancelledError:
            raise Interrupted(began_ns, clock.now_ns(), sent_bytes=sent_bytes) from None
        response = Response(began_ns)
        response.sent_ns = 0 if answer.outcome in NEVER_SENT else began_ns
        response.first_byte_ns = response.ended_ns = clock.now_ns()
        response.sent_bytes = 0 if answer.outcome in NEVER_SENT else sent_bytes
        response.outcome = answer.outcome
        if answer.outcome == "ok":
            response.status = answer.status
            body = b"" if answer.json is None else orjson.dumps(answer.json)
            response.body = body if keep_body else b""
            pairs = answer.headers.items() if isinstance(answer.headers, dict) else answer.headers
            response.raw_headers = [(name.encode(), value.encode()) for name, value in pairs]
            response.sets_cookies = any(name.lower() == "set-cookie" for name, _ in pairs)
            response.received_bytes = len(body)
        else:
            response.problem = f"stand-in: {answer.outcome}"
        seen.ended_s = self._network.now_s
        return response

    def close(self) -> None:
        self.closed += 1


@dataclass
class Run:
    """A run as it went; times are seconds from its beginning."""

    engine: Engine
    clock: FakeClock
    network: Network
    snapshots: list[Snapshot] = field(default_factory=list)
    captured: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)  # of set-up
    ended_early: list[tuple[str, str]] = field(default_factory=list)
    missing: dict[str, float] = field(default_factory=dict)
    load_began_s: float = 0
    load_ended_s: float = 0

    @property
    def now_s(self) -> float:
        return self.network.now_s

    @property
    def ended_because(self) -> list[str]:
        return [why for _, why in self.ended_early]

    async def until(self, instant_s: float) -> None:
        await self.clock.sleep_until(ORIGIN_NS + round(instant_s * NS_PER_S))

    @property
    def summary(self) -> Summary:
        summary = Summary(self.engine._workload.catalogue)
        for snapshot in self.snapshots:
            summary.add(snapshot)
        return summary

    def trend(self, metric: str, **where: str) -> Histogram:
        return self.summary.trend(metric, tuple(where.items()))

    def count(self, metric: str, outcome: str | None = None, **where: str) -> int:
        return self.summary.count(metric, tuple(where.items()), outcome)

    def outcomes(self, metric: str, **where: str) -> Counter[str]:
        return self.summary.outcomes(metric, tuple(where.items()))

    @property
    def notes(self) -> Counter[str]:
        return self.summary.notes


class Stage:
    """Makes engines of plans, and runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def set(
        self,
        plan: str,
        answer: Callable[[Exchange], Answer] | Answer | None = None,
        *,
        seed: int = 0,
        segment: Segment = Segment(),  # noqa: B008 - frozen
        journal: LoadJournal | None = None,
        env: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        remember: Any = None,
        **settings: Any,
    ) -> Run:
        clock = FakeClock()
        clock.advance(ORIGIN_NS)
        fixed = answer if isinstance(answer, Answer) else Answer()
        network = Network(clock, answer if callable(answer) else lambda _: fixed)
        snapshots: list[Snapshot] = []
        loaded = parse_plan(HEADER + plan, file="plan.toml", base=self.folder)
        engine = Engine(
            loaded.plan,
            Settings(
                target="here",
                base_url="http://127.0.0.1:8000",
                seed=seed,
                env=Vault(env),
                secrets=Vault(secrets),
                **settings,
            ),
            segment=segment,
            clock=clock,
            http=network,
            emit=snapshots.append,
            journal=journal,
            remember=remember,
        )
        return Run(engine, clock, network, snapshots)

    def play(
        self,
        plan: str,
        answer: Callable[[Exchange], Answer] | Answer | None = None,
        *,
        during: Callable[[Run], Awaitable[None]] | None = None,
        **settings: Any,
    ) -> Run:
        """Set-up and load; `during` runs beside the load."""
        run = self.set(plan, answer, **settings)

        async def main() -> None:
            async with asyncio.timeout(LONGEST_S):
                await run.engine.open()
                run.captured, run.problems = await run.engine.setup()
                beside = asyncio.create_task(during(run)) if during is not None else None
                run.load_began_s = run.now_s
                run.ended_early, run.missing = await run.engine.load(run.captured)
                run.load_ended_s = run.now_s
                if beside is not None:
                    await beside

        run.clock.run(main())
        return run

    @staticmethod
    def clean_up(run: Run) -> tuple[CleanupCount, list[int]]:
        """Tear-down's successor: what clean-up counted, and its progress."""
        progress: list[int] = []
        return run.clock.run(
            run.engine.cleanup(lambda count: progress.append(count.left))
        ), progress


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def play(stage: Stage) -> Callable[..., Run]:
    return stage.play


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def one_user() -> Callable[[str], str]:
    """A plan of one virtual user that runs a workflow once in 100 s, after its first lines."""

    def plan(steps: str, before: str = "") -> str:
        return f"""{before}
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
pace = "100s"
workflow = "visit"
{steps}
"""

    return plan
