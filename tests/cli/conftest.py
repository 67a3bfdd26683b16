"""Runs the console script as a user would: a process, with its own folder and TMPDIR."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

import psutil
import pytest

from tests.helpers.commands import Done
from tests.helpers.environment import without_wedload
from tests.helpers.places import PLANS, WEDLOAD
from tests.helpers.servers import Server

if TYPE_CHECKING:
    import signal
    from pathlib import Path

DEADLINE_S = 60

#: one step against a server of the test's own; {url} is its address
SMALL = """\
schema = 1
name = "small"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "400ms"
pace = "20ms"
graceful_stop = "1s"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /look"
check = ["status == 200"]
[benchmarks]
"Nothing fails" = "http_req_failed: rate < 1%"
"""


def environment(**changes: str) -> dict[str, str]:
    """This process's, without what would change how wedload talks."""
    skipped = {
        "XDG_RUNTIME_DIR",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLUMNS",
        "LINES",
        "CLICOLOR_FORCE",
        "TTY_COMPATIBLE",
    }
    kept = {name: value for name, value in without_wedload().items() if name not in skipped}
    return kept | changes


class Started:
    """A command under way, its output in files."""

    def __init__(self, arguments: list[str], folder: Path, env: dict[str, str]) -> None:
        number = len(list(folder.glob("stdout*")))  # others may be under way in the same folder
        self._out, self._err = folder / f"stdout{number or ''}", folder / f"stderr{number or ''}"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                arguments, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )
        self._seen: dict[int, psutil.Process] = {}

    @property
    def err(self) -> str:
        return self._err.read_text()

    @property
    def out(self) -> str:
        return self._out.read_text()

    def wait_for(self, text: str) -> None:
        """Until it has said `text` on stderr."""
        self.wait_until(lambda: text in self.err, text)

    def wait_until(self, holds, what: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not holds():
            if self.process.poll() is not None and not holds():
                pytest.fail(f"ended before: {what}\n{self.err}")
            if time.monotonic() > deadline:
                pytest.fail(f"never: {what}\n{self.err}")
            time.sleep(0.02)

    def descendants(self) -> list[psutil.Process]:
        """Every process that it was ever seen to have started."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self._seen[child.pid] = child
        return list(self._seen.values())

    def descendants_with(self, words: str) -> list[psutil.Process]:
        """Those with these words in their command line."""
        return [p for p in self.descendants() if words in " ".join(p.cmdline())]

    def under_load(self, for_s: float = 0.5) -> None:
        """Until the load has lasted a while."""
        self.wait_for(" of 00:")
        time.sleep(for_s)
        assert len(self.descendants()) >= 1

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, timeout_s: float = DEADLINE_S) -> Done:
        code = self.process.wait(timeout_s)
        return Done(code, self.out, self.err)

    def left(self, within_s: float = 15.0) -> list[psutil.Process]:
        """Its descendants that have not ended within some seconds."""
        _, alive = psutil.wait_procs(self.descendants(), timeout=within_s)
        return alive

    def end(self) -> None:
        for one in (*self.descendants(), self.process):
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                one.kill()
        self.process.wait()


class Wedload:
    """The command line, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.temporary = folder / "tmp"
        self.folder.mkdir()
        self.temporary.mkdir()
        self._started: list[Started] = []

    @property
    def command(self) -> list[str]:
        return [str(WEDLOAD)]

    def environment(self, **changes: str) -> dict[str, str]:
        return environment(TMPDIR=str(self.temporary), **changes)

    def __call__(
        self,
        *arguments: object,
        env: dict[str, str] | None = None,
        under: tuple[str, ...] = (),
        stdout: int | IO[bytes] = subprocess.PIPE,
    ) -> Done:
        """Run to the end; `under` is a command that runs it."""
        done = subprocess.run(
            [*under, str(WEDLOAD), *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=DEADLINE_S,
            check=False,
        )
        return Done(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())

    def start(self, *arguments: object, env: dict[str, str] | None = None) -> Started:
        """Start, and go on."""
        one = Started(
            [str(WEDLOAD), *map(str, arguments)], self.folder, self.environment(**(env or {}))
        )
        self._started.append(one)
        return one

    def plan(self, text: str, name: str = "plan.toml") -> Path:
        """A plan as a file."""
        path = self.folder / name
        path.write_text(text)
        return path

    def files(self) -> list[str]:
        """What lies in its folder, hidden files too, but not what tests put there."""
        own = {"stdout", "stderr", "plan.toml"}
        return sorted(p.name for p in self.folder.iterdir() if p.name not in own)

    def temporary_files(self) -> list[str]:
        return sorted(p.name for p in self.temporary.iterdir())

    def end(self) -> None:
        for one in self._started:
            one.end()


@pytest.fixture
def wedload(tmp_path):
    """The command line; what it started is ended afterwards."""
    one = Wedload(tmp_path)
    yield one
    one.end()


@pytest.fixture
def server():
    one = Server()
    yield one
    one.close()


@pytest.fixture
def small(wedload, server) -> Path:
    """A plan of half a second against the test's own server."""
    return wedload.plan(SMALL.replace("{url}", server.url))


@pytest.fixture
def small_text() -> str:
    return SMALL


@pytest.fixture
def plans() -> Path:
    return PLANS


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def workers(request) -> int:
    """How many load processes."""
    return request.param


@pytest.fixture
def smoke(wedload, plans, workers):
    """The smoke plan under way for longer than any test, with a result in `r.json`."""

    def start(*more: str, stage: str = "30s:5", before: str = "0s:5"):
        run = wedload.start(
            "run", plans / "smoke.toml", "--stage", before, "--stage", stage, "-o", "r.json",
            "--workers", workers, *more,
        )  # fmt: skip
        run.under_load(1.0)
        assert len(run.descendants()) == 1 + workers, run.err
        return run

    return start
