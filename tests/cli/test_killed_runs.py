"""Runs that create are killed at random moments, by SIGKILL; `wedload cleanup` leaves no row.

The moments are drawn from SEED, and printed where something is left: with the same seed the same
processes are killed as long after the same sign of life.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.cli.conftest import environment
from tests.helpers.places import WEDLOAD
from tests.helpers.sandboxes import KEYS, sandbox

if TYPE_CHECKING:
    from pathlib import Path

SEED = int(os.environ.get("KILLED_RUNS_SEED", "8"))
RUNS = 20
AT_ONCE = 4
DEADLINE_S = 60
#: every table of the sandbox that holds what requests made
TABLES = (
    "accounts", "forms", "connections", "submissions", "journeys", "journey_steps", "appointments",
    "communications", "loose_submissions", "bookings", "webhook_endpoints", "webhook_messages",
    "webhook_deliveries",
)  # fmt: skip
IDENTITY = """
[identities.{role}]
http = "POST /api/auth/{role}"
json = {{ email = "${{synthetic.email()}}", key = "${{env.WEDLOAD_{key}_KEY}}" }}
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}" }}
"""
#: some of it names what it creates, some of it only the sweep finds
PLAN = """\
schema = 1
name = "creating"
[targets.sandbox]
base_url = "{url}"
[cleanup]
sweep = "DELETE /api/test-runs/${{run.id}}"
as = "supplier"
count = "json.deleted"
[scenarios.main]
executor = "constant-vus"
vus = 6
duration = "700ms"
pace = "30ms"
graceful_stop = "2s"
workflow = "create"
[[setup]]
name = "register"
http = "POST /api/webhooks/endpoints"
as = "supplier"
json = {{ url = "http://127.0.0.1:9/hooks", events = ["supplier.updated"], accounts = "own" }}
capture = {{ endpoint = "json.id" }}
cleanup = "DELETE /api/webhooks/endpoints/${{endpoint}}"
[[teardown]]
name = "close"
http = "GET /api/suppliers/dashboard"
as = "supplier"
[[workflows.create]]
name = "form"
http = "POST /api/forms/intake"
as = "supplier"
let = {{ fields = "${{synthetic.intake_fields()}}" }}
json = {{ title = "Photography", fields = "${{fields}}" }}
capture = {{ form = "json.id" }}
cleanup = "DELETE /api/forms/${{form}}"
[[workflows.create]]
name = "connect"
http = "POST /api/connections/${{form}}"
as = "couple"
json = {{ wedding_date = "${{synthetic.wedding_date()}}", venue = "${{synthetic.venue()}}" }}
[[workflows.create]]
name = "submit"
http = "POST /api/forms/${{form}}/submit"
as = "couple"
json = {{ responses = "${{synthetic.responses(fields)}}" }}
[[workflows.create]]
name = "loose"
http = "POST /api/forms/submit-resilient"
as = "couple"
json = {{ responses = {{ guest_count = 80 }}, services = {{ email = "success", calendar = "success", database = "success" }} }}
capture = {{ submission = "json.id" }}
cleanup = "DELETE /api/submissions/${{submission}}"
"""  # noqa: E501 - a table of TOML stands in a line


@dataclass(frozen=True)
class Moment:
    """When a run is killed, and what of it."""

    number: int
    workers: int
    victim: str  # coordinator, load process or group
    sign: str  # of life, on stderr …
    delay_s: float  # … and how long after it

    def strike(self, coordinator: psutil.Process) -> None:
        """Kill it."""
        children = coordinator.children()
        match self.victim:
            case "coordinator":
                victims = [coordinator]
            case "load process":
                victims = [one for one in children if "fleet.worker" in " ".join(one.cmdline())][:1]
            case _:
                victims = [*children, coordinator]
        for one in victims:
            one.kill()


def moments(seed: int) -> list[Moment]:
    """Twenty: the first half in set-up or load, then some in clean-up, and those of one process."""
    rng = random.Random(seed)
    made = []
    for number in range(RUNS):
        cleaning = number % 3 == 2
        victim = ("coordinator", "group", "coordinator", "load process")[number % 4]
        made.append(
            Moment(
                number,
                workers=1 + (number % 5 == 0),
                victim=victim,
                sign="cleaning up: " if cleaning else rng.choice(["connecting to", " of 00:00"]),
                delay_s=rng.uniform(0, 0.15 if cleaning else 0.9),
            )
        )
    return made


class Runs:
    """Starts runs of one plan in one folder, and kills them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.plan = folder / "plan.toml"
        self.plan.write_text(PLAN.format(url=url) + "".join(
            IDENTITY.format(role=role, key=role.upper()) for role in ("supplier", "couple")
        ))  # fmt: skip
        self._env = environment(TMPDIR=str(folder), **KEYS)

    def start(self, name: str, *arguments: object) -> subprocess.Popen[bytes]:
        """A command, its output in files."""
        out, err = (self.folder / f"{name}.{end}" for end in ("out", "err"))
        with out.open("wb") as stdout, err.open("wb") as stderr:
            return subprocess.Popen(
                [str(WEDLOAD), *map(str, arguments)], cwd=self.folder, env=self._env,
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            )  # fmt: skip

    def killed(self, moment: Moment) -> None:
        """Start a run and kill it at that moment; returns when nothing of it is there any more."""
        name = f"run-{moment.number}"
        process = self.start(
            name, "run", self.plan, "--workers", moment.workers, "-o", f"{name}.json"
        )
        self._wait_for(process, name, moment.sign)
        time.sleep(moment.delay_s)
        with suppress(psutil.NoSuchProcess):
            coordinator = psutil.Process(process.pid)
            children = coordinator.children(recursive=True)
            moment.strike(coordinator)
            _, alive = psutil.wait_procs(children, timeout=DEADLINE_S)
            assert not alive, f"{moment}: {alive}"
        process.wait(DEADLINE_S)

    def clean(self, name: str, kill_after_s: float | None = None) -> int | None:
        """`wedload cleanup`, perhaps killed itself; its exit code."""
        process = self.start(name, "cleanup")
        if kill_after_s is not None:
            self._wait_for(process, name, "connecting to")
            time.sleep(kill_after_s)
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            psutil.wait_procs(children, timeout=DEADLINE_S)
        return process.wait(DEADLINE_S)

    def journals(self) -> list[str]:
        return sorted(str(one.parent.name) for one in self.folder.glob(".wedload/runs/*/journal"))

    def _wait_for(self, process: subprocess.Popen[bytes], name: str, sign: str) -> None:
        """Until it says so, or has ended."""
        deadline = time.monotonic() + DEADLINE_S
        err = self.folder / f"{name}.err"
        while sign not in err.read_text() and process.poll() is None:
            assert time.monotonic() < deadline, f"never {sign!r}: {err.read_text()}"
            time.sleep(0.004)


def rows_in(database: Path) -> dict[str, int]:
    """How many rows each table has, of those that have any."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in TABLES
        }
    return {table: count for table, count in counts.items() if count}


@pytest.mark.timeout(180)
def test_no_row_of_twenty_killed_runs_is_left_nor_any_journal(tmp_path):
    planned, database = moments(SEED), tmp_path / "sandbox.db"
    told = "\n".join(map(str, planned))
    with sandbox("--suppliers", "20", "--dsn", f"sqlite:///{database}") as platform:
        runs = Runs(tmp_path, platform.url)
        with ThreadPoolExecutor(AT_ONCE) as several:
            list(several.map(runs.killed, planned))
        left, journals = rows_in(database), runs.journals()
        assert sum(left.values()) > 100, f"hardly anything was left to delete: {left}\n{told}"
        assert len(journals) > RUNS // 2, f"{journals}\n{told}"

        rng = random.Random(-SEED)
        for again in range(2):
            runs.clean(f"cleanup-{again}", kill_after_s=rng.uniform(0.3, 2.5))
        code = runs.clean("cleanup")

        said = (tmp_path / "cleanup.err").read_text()
        assert code == 0, f"{said}\n{told}"
        assert rows_in(database) == {}, f"{said}\n{told}"
        assert runs.journals() == [], f"{said}\n{told}"
        done = json.loads((tmp_path / "cleanup.out").read_bytes())
        assert (done["leaked"], done["unknown"], done["errors"]) == (0, 0, []), done
