"""Runs the cases: the tools in turn, round after round, each run measured and kept."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from benchmarks import machine
from benchmarks.figures import percentiles
from benchmarks.load import UnableError
from benchmarks.measure import Cores, measure
from benchmarks.servers import nginx, truthful

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.cases import Case
    from benchmarks.store import Record, Store
    from benchmarks.tools import Tool

_GRACE_S = 90.0  # what a command gets beyond its load: start-up, iterations under way, its report
_SETTLE_S = 0.5
_TAIL = 300


class Target(Protocol):
    """A server while a case runs."""

    base_url: str
    ca: Path | None

    def begin(self) -> None:
        """A run of a tool begins."""

    def end(self, load_s: float) -> dict[str, Any]:
        """What the server has seen of it."""


@dataclass(slots=True)
class _Nginx:
    server: nginx.Nginx
    base_url: str
    ca: Path | None
    cpu_s: float = 0.0
    requests: int = 0

    def begin(self) -> None:
        self.cpu_s, self.requests = self.server.cpu_s(), self.server.requests()

    def end(self, load_s: float) -> dict[str, Any]:
        used = self.server.cpu_s() - self.cpu_s
        return {
            "requests": self.server.requests() - self.requests, "cpu_s": used,
            "cpu_ratio": used / load_s if load_s else 0.0,
        }  # fmt: skip


@dataclass(slots=True)
class _Truth:
    server: truthful.Truth
    base_url: str
    ca: Path | None = None

    def begin(self) -> None:
        self.server.take_ms()

    def end(self, load_s: float) -> dict[str, Any]:  # noqa: ARG002 - targets are asked alike
        took = self.server.take_ms()
        mean = sum(took) / len(took) if took else None
        return {"requests": len(took), "percentiles_ms": percentiles(took), "mean_ms": mean}


@contextmanager
def target_of(case: Case, folder: Path, core: int) -> Iterator[Target]:
    """The server that a case is for, while it runs."""
    with ExitStack() as stack:
        if case.rule is not None:
            truth = stack.enter_context(truthful.serve(case.rule, core))
            yield _Truth(truth, truth.url)
        else:
            server = stack.enter_context(nginx.serve(folder, core))
            yield _Nginx(server, _url(server, case), server.ca if case.tls else None)


def _url(server: nginx.Nginx, case: Case) -> str:
    if case.http2:
        return server.http2_url
    return server.tls_url if case.tls else server.plain_url


def run_case(
    case: Case,
    tools: dict[str, Tool],
    store: Store,
    path: Path,
    *,
    cores: Cores,
    rounds: int,
    seconds: float,
) -> None:
    """All rounds of a case that the store has not yet."""
    asked = [tool for name, tool in tools.items() if not case.only or name in case.only]
    lasts = case.seconds(seconds)
    open_ = [
        (number, tool)
        for number in range(1, rounds + 1)
        for tool in asked
        if not store.has(case.name, tool.name, number, lasts)
    ]
    if not open_:
        return
    if (short := machine.short_of_files(case.vus)) is not None:
        for tool in asked:
            number = min((number for number, one in open_ if one is tool), default=None)
            if number is not None:  # told once for each tool, not for every round
                _keep(_record(case, tool.name, number, lasts) | {"failed": short}, store, path)
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with target_of(case, folder / "server", cores.server) as target:
            unable: dict[str, str] = {}
            for number, tool in open_:
                record = _record(case, tool.name, number, lasts)
                if tool.name not in unable:
                    record |= _run_once(case, tool, target, folder / "run", cores, seconds)
                    if "unable" in record:
                        unable[tool.name] = record["unable"]
                if tool.name in unable:
                    record["unable"] = unable[tool.name]
                _keep(record, store, path)


def _record(case: Case, tool: str, number: int, seconds: float) -> Record:
    return {"case": case.name, "tool": tool, "round": number, "seconds": seconds}


def _keep(record: Record, store: Store, path: Path) -> None:
    store.add(record)
    store.write(path)
    print(
        f"  {record['case']:<20} round {record['round']}  {record['tool']:<11} {_told(record)}",
        flush=True,
    )


def _run_once(
    case: Case, tool: Tool, target: Target, folder: Path, cores: Cores, seconds: float
) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    load = case.load(seconds, target.base_url, target.ca)
    try:
        command = tool.command(load, folder)
    except UnableError as error:
        return {"unable": str(error)}
    time.sleep(_SETTLE_S)
    returncode: int | None = None
    try:
        target.begin()
        usage = measure(
            command.argv, cores=cores, env=command.env, folder=folder,
            deadline_s=load.seconds + _GRACE_S,
        )  # fmt: skip
        returncode = usage.returncode
        if usage.timed_out:
            return {"failed": f"did not end within {load.seconds + _GRACE_S:.0f} s"}
        reading = tool.read(load, folder)
        seen = target.end(reading.load_s)
    except (
        subprocess.SubprocessError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        StopIteration,
    ) as error:
        return {
            "failed": f"exit code {returncode}, {type(error).__name__}: {error}; {_last(folder)}"
        }
    return {"reading": reading.as_json(), "usage": asdict(usage), "server": seen}


def _last(folder: Path) -> str:
    """The last that a tool said about its troubles."""
    path = folder / "stderr"
    return path.read_text("utf-8", errors="replace").strip()[-_TAIL:] if path.exists() else ""


def _told(record: Record) -> str:
    if "unable" in record:
        return f"cannot: {record['unable']}"
    if "failed" in record:
        return f"FAILED: {record['failed']}"
    reading, usage = record["reading"], record["usage"]
    return (
        f"{reading['requests'] / reading['load_s']:>9,.0f} requests/s "
        f"{reading['requests'] / max(usage['cpu_s'], 0.01):>9,.0f} per CPU-second "
        f"{usage['sum_mb']:>6,.0f} MiB  {reading['errors']} errors"
    )
