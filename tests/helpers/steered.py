"""A run that is steered: its plan, and where it listens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CONTROLLED = """\
schema = 1
name = "steered"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "externally-controlled"
vus = 2
max_vus = 40
duration = "50s"
pace = "20ms"
workflow = "visit"
[scenarios.other]
executor = "constant-vus"
vus = 1
duration = "50s"
pace = "20ms"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /look"
"""


def folder_of(wedload) -> Path:
    """Where control sockets lie."""
    return wedload.temporary / f"wedload-{os.getuid()}"


def until(run, holds) -> None:
    """Return as soon as something holds of a run."""
    run.wait_until(holds, "what was asked for")
