"""Digests of the modules that `python` steps name, as far as they are files of the plan's folder.

The modules are part of what is driven, so that runs of different code are not compared. They are
read, and never imported here.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from wedload.plan.confinement import FileRefusedError
from wedload.plan.uses import step_lists
from wedload.plan.verbs.python import PythonStep

if TYPE_CHECKING:
    from wedload.plan.confinement import Folders
    from wedload.plan.model import Plan


_MOST_BYTES: Final = 16_000_000  # of a module


def code_digests(plan: Plan, folders: Folders) -> dict[str, str]:
    """`python MODULE` -> SHA-256 (hex) of its file; what is not there, a run will say."""
    found = {}
    for _, steps in step_lists(plan):
        for step in steps:
            if not isinstance(step, PythonStep):
                continue
            with suppress(OSError, FileRefusedError):
                file = f"{step.python.module.replace('.', '/')}.py"
                content = folders.read(file, most_bytes=_MOST_BYTES)
                found[f"python {step.python.module}"] = hashlib.sha256(content).hexdigest()
    return found
