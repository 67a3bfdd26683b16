"""Real programs that tests start or call: without one a test is skipped, but never in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def installed(program: str) -> str:
    """Where a program is; .ci/run installs all of them."""
    found = shutil.which(program)
    if found is None:
        missing = f"{program} is not installed"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    assert found is not None  # else neither of these would have returned
    return found
