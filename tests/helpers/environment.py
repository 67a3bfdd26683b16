"""The environment of what tests start: nothing of wedload's in it, and a small sandbox.

A catalogue of 5,000 suppliers, as the sandbox has by itself, takes longer to make than most tests
take to ask for one of them. Those that search say how many they want.
"""

from __future__ import annotations

import os

SUPPLIERS = "WEDLOAD_SANDBOX_SUPPLIERS"
FEW = "500"


def without_wedload(*prefixes: str) -> dict[str, str]:
    """This process's, without what changes wedload, or begins with one of `prefixes`."""
    skipped = ("WEDLOAD_", *prefixes)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(skipped)}
    return kept | {SUPPLIERS: os.environ.get(SUPPLIERS, FEW)}
