"""The environment of what tests start: nothing of wedload's in it, and what makes starts short.

A catalogue of 5,000 suppliers, as the sandbox has by itself, takes longer to make than most tests
take to ask for one of them: those that search say how many they want. And whatever imports aiohttp
reads all authorities of the machine, which takes longer than all else that a sandbox does until it
serves: OpenSSL finds them one by one too, in the folder that it looks in besides its file.
"""

from __future__ import annotations

import os

SUPPLIERS = "WEDLOAD_SANDBOX_SUPPLIERS"
QUICK = {SUPPLIERS: "500", "SSL_CERT_FILE": os.devnull}


def start_quickly() -> None:
    """Have all that this process starts start quickly, but where it is told otherwise."""
    for name, value in QUICK.items():
        os.environ.setdefault(name, value)


def without_wedload(*prefixes: str) -> dict[str, str]:
    """This process's, without what changes wedload, or begins with one of `prefixes`."""
    skipped = ("WEDLOAD_", *prefixes)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(skipped)}
    return kept | {SUPPLIERS: os.environ.get(SUPPLIERS, QUICK[SUPPLIERS])}
