"""Other machines, as far as a test needs them: addresses beyond loopback in a network of its own.

The command runs in a network namespace where `lo` has them, with a name server and resolver
settings of its own; what listens there counts who connects. Nothing leaves the namespace: there is
no way out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.commands import Done
from tests.helpers.environment import without_wedload
from tests.helpers.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

#: a host that tests prove, one that nobody declares, a cloud's metadata service, and one of IPv6
PROVEN, OTHER, METADATA, SIX = "198.51.100.7", "198.51.100.9", "169.254.169.254", "2001:db8::7"
#: a forward proxy, on loopback
PROXY = "http://127.0.0.1:3128"


class Elsewhere:
    """The namespace, from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._inside = subprocess.Popen(
            [
                "unshare", "-rnm", sys.executable, "-m", "tests.helpers.elsewhere_inside",
                str(folder),
            ],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=_environment(),
        )  # fmt: skip
        assert self._inside.stdout is not None
        if self._inside.stdout.readline() != '"ready"\n':
            _, why = self._inside.communicate()
            raise OSError(why.strip() or "unshare says nothing")

    def __call__(self, *arguments: object, **env: str) -> Done:
        """Run wedload there, to its end."""
        return Done(**self._ask("run", arguments=list(map(str, arguments)), env=env))

    def plan(self, text: str) -> Path:
        path = self.folder / "plan.toml"
        path.write_text(text)
        return path

    def begin(self, names: dict[str, dict[str, list[Any]]], files: dict[str, str] | None = None):
        """Forget who connected. `names`: name -> type -> the answers to one question after another.

        `files`: path -> what the hosts answer; the others answer `{}`.
        """
        self._ask("begin", names=names, files=files or {})

    @property
    def connections(self) -> dict[str, int]:
        """How many connected to each address since `begin`."""
        return self._ask("connections")

    @property
    def asked(self) -> list[str]:
        """`name type` of each question that the name server was asked."""
        return self._ask("asked")

    @property
    def requests(self) -> list[str]:
        """`host path` of each request that came to any of the addresses."""
        return self._ask("requests")

    def close(self) -> None:
        assert self._inside.stdin is not None
        self._inside.stdin.close()
        self._inside.wait(30)
        for stream in (self._inside.stdout, self._inside.stderr):
            assert stream is not None
            stream.close()

    def _ask(self, do: str, **more: Any) -> Any:
        assert self._inside.stdin is not None
        assert self._inside.stdout is not None
        self._inside.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._inside.stdin.flush()
        return json.loads(self._inside.stdout.readline())


def elsewhere(folder: Path) -> Elsewhere:
    """One; where no namespace can be made, the test is skipped, but never in CI."""
    missing = [tool for tool in ("unshare", "ip", "mount") if shutil.which(tool) is None]
    try:
        if not missing:
            return Elsewhere(folder)
        why = f"there is no {missing[0]}"
    except OSError as error:
        why = str(error)
    if os.environ.get("CI"):
        pytest.fail(f"no network namespace can be made: {why}")
    pytest.skip(f"no network namespace can be made here: {why}")


def _environment() -> dict[str, str]:
    kept = without_wedload()
    kept.pop("XDG_RUNTIME_DIR", None)
    return kept
