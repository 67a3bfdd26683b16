"""The command line: one file a command, each imported only when it runs."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script `wedload`."""
    from wedload.cli.app import app  # noqa: PLC0415 - `import wedload.cli` itself stays cheap
    from wedload.cli.exits import exit_with  # noqa: PLC0415

    sys.exit(exit_with(app))
