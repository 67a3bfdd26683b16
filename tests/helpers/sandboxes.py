"""Sandboxes that outlive a run, so that their own counts can be compared with what it reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {
    "WEDLOAD_SUPPLIER_KEY": "supplier key of the tests",
    "WEDLOAD_COUPLE_KEY": "couple key of the tests",
}


@dataclass(frozen=True)
class Sandbox:
    """A sandbox under way."""

    url: str

    def counts(self) -> dict[str, Any]:
        """What it says that it has done."""
        with urllib.request.urlopen(f"{self.url}/_sandbox/counts") as answer:
            return json.loads(answer.read())


@contextmanager
def sandbox(*options: str) -> Iterator[Sandbox]:
    """A sandbox with these options, and `KEYS` to sign in with; without a limit of rates."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wedload.sandbox", "--managed", "--rate-limit", "0", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **KEYS},
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            lines = map(json.loads, process.stdout)  # of a large catalogue it tells progress
            yield Sandbox(next(one["url"] for one in lines if one["event"] == "ready"))
        finally:
            process.terminate()
