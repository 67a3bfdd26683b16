"""The scripts for users to copy, copied, and a plan for them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.helpers.environment import without_wedload
from tests.helpers.identities import identity
from tests.helpers.places import ROOT, WEDLOAD

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = ROOT / "scripts" / "load-testing"
DEADLINE_S = 110

#: rows that no machine misses, and that ask little of the generator's own lateness
PLAN = f"""\
schema = 1
name = "night"
[targets.sandbox]
sandbox = true
{identity("couple")}\
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "1s"
pace = "100ms"
workflow = "visit"
[[workflows.visit]]
name = "health"
http = "GET /healthz"
[[workflows.visit]]
name = "search"
as = "couple"
http = "GET /api/suppliers/search?limit=1"
[benchmarks]
"Health" = "http_req_duration{{step=health}}: med < 20s"
"Searching" = "http_req_duration{{step=search}}: med < 20s"
"Failures" = "http_req_failed: rate < 50%"
"""
KEY = "a key of the tests"
SLOW = "GET /api/suppliers/search=400ms"


class Scripts:
    """The scripts, copied as users do, in a folder with spaces."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "load tests"
        shutil.copytree(SCRIPTS, self.folder)
        (self.folder / "the plan.toml").write_text(PLAN)

    def environment(self, **variables: str) -> dict[str, str]:
        return without_wedload("CI") | {"WEDLOAD": str(WEDLOAD)} | variables

    def __call__(self, *words: str, shell: str = "dash", **variables: str):
        return subprocess.run(
            [str(shutil.which(shell)), *words],
            cwd=self.folder,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(shutil.which("dash")), *words], cwd=self.folder, env=self.environment(**variables),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    @property
    def history(self) -> Path:
        return self.folder / "load-history" / "the plan"

    def nights(self) -> list[Path]:
        return sorted(path for path in self.history.iterdir() if path.is_dir())


def calls(scripts):
    return (scripts.folder / "calls").read_text().splitlines()


def worse_in(text):
    """What a comparison says got worse."""
    return {
        " ".join(line.split()[1:3]) for line in text.splitlines() if line.lstrip().startswith("✗ ")
    }
