"""The command `python -m wedload.sandbox`: arguments in, exit code out.

Knows nothing of the server; it is imported only once the arguments make sense, as it is heavy.
"""

from __future__ import annotations

import gc
import signal
import sys
from typing import TYPE_CHECKING

from .errors import OptionError, StartError
from .options import parse_options

if TYPE_CHECKING:
    from collections.abc import Sequence

WRONG_OPTIONS = 2
CANNOT_START = 4


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop; the process's exit code."""
    try:
        options = parse_options(sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else WRONG_OPTIONS
    except OptionError as error:
        return _fail(error, WRONG_OPTIONS)
    # At once, not only when the loop runs: Ctrl-C in a terminal reaches the whole process group.
    # Unmanaged, it may simply end a process that has not started anything yet.
    signal.signal(signal.SIGINT, signal.SIG_IGN if options.managed else signal.SIG_DFL)

    gc.disable()  # nothing that modules make is garbage
    from .server import serve  # noqa: PLC0415 - heavy, and not needed for --help

    gc.enable()
    try:
        serve(options)
    except OptionError as error:
        return _fail(error, WRONG_OPTIONS)
    except StartError as error:
        return _fail(error, CANNOT_START)
    return 0


def _fail(error: Exception, code: int) -> int:
    print(f"wedload sandbox: {error}", file=sys.stderr)  # noqa: T201 - the error line
    return code


if __name__ == "__main__":
    sys.exit(main())
