"""The command line: one file a command, each imported only when it runs."""

from __future__ import annotations

import gc
import os
import sys
from typing import Final

#: a command makes some 100,000 objects before it begins, and none of them is garbage; the usual
#: thresholds (700, 10, 10) have them looked through some hundred times meanwhile
_THRESHOLDS: Final = (50_000, 20, 100)


def _open_closed_streams() -> None:
    """Give descriptors that the caller closed (`>&-`) a place to go; libraries count on them."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - for good
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def main() -> None:
    """The console script `wedload`."""
    gc.set_threshold(*_THRESHOLDS)
    _open_closed_streams()
    # a thread a core, spinning, for linear algebra that nobody asks of numpy
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from wedload.cli.exits import exit_with

    code = exit_with(commands)
    gc.freeze()  # what is left goes with the process: no need to look through all of it once more
    sys.exit(code)


def commands() -> None:
    """All commands; which one, the arguments of this process say."""
    from wedload.cli.app import app

    app()
