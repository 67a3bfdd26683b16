"""A real Alertmanager on loopback, and what it says."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.helpers.ports import free_port
from tests.helpers.programs import installed
from tests.helpers.waiting import GENEROUS_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n"


class RealAlertmanager:
    """One that is up."""

    def __init__(self, url: str) -> None:
        self.url = url

    def silences(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._asked("silences")
        return found

    def states(self) -> list[str]:
        """Of its silences."""
        return [one["status"]["state"] for one in self.silences()]

    def alerts(self) -> dict[str, dict[str, Any]]:
        """Those that fire, by name."""
        return {one["labels"]["alertname"]: one for one in self._asked("alerts")}

    def fire(self, **labels: str) -> None:
        """An alert of somebody else's fires."""
        body = json.dumps([{"labels": labels}]).encode()
        request = urllib.request.Request(
            f"{self.url}/api/v2/alerts", body, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request).close()

    def _asked(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/api/v2/{what}") as got:
            return json.load(got)


@contextlib.contextmanager
def alertmanager_in(folder: Path) -> Iterator[RealAlertmanager]:
    """One of its own, until the block is over."""
    program = installed("prometheus-alertmanager")
    (folder / "alertmanager.yml").write_text(CONFIG)
    port = free_port()
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program, f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}/alertmanager", "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL, stderr=log, cwd=folder,
        )  # fmt: skip
    found = RealAlertmanager(f"http://127.0.0.1:{port}")
    try:
        wait_for(lambda: found.states() == [])
        yield found
    finally:
        process.terminate()
        process.wait(GENEROUS_S)


def wait_for(holds: Any) -> None:
    """Return as soon as it holds; what cannot be asked yet does not."""
    end_s = time.monotonic() + GENEROUS_S
    while time.monotonic() < end_s:
        with contextlib.suppress(OSError):
            if holds():
                return
        time.sleep(0.02)
    raise AssertionError("it never came to that")
