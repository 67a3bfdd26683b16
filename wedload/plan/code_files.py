"""Digests of the modules that `python` steps name, as far as they are files of the plan's folder.

The modules are part of what is driven, so that runs of different code are not compared. They are
read, and never imported here.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from wedload.plan.uses import step_lists
from wedload.plan.verbs.python import PythonStep

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.plan.model import Plan


def code_digests(plan: Plan, base: Path) -> dict[str, str]:
    """`python MODULE` -> SHA-256 (hex) of its file; what is not there, a run will say."""
    found = {}
    for _, steps in step_lists(plan):
        for step in steps:
            if not isinstance(step, PythonStep):
                continue
            with suppress(OSError):
                content = (base / f"{step.python.module.replace('.', '/')}.py").read_bytes()
                found[f"python {step.python.module}"] = hashlib.sha256(content).hexdigest()
    return found
