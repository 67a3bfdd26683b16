"""From exceptions to messages and exit codes: what a user sees of an error."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING, Any

from wedload.cli.known import learn_environment
from wedload.errors import ExitCode, PlanError, WedloadError
from wedload.safety.redactor import KNOWN
from wedload.safety.streams import redacted_streams

if TYPE_CHECKING:
    from collections.abc import Callable


def exit_with(app: Callable[..., Any]) -> int:
    """Run the command line; its exit code. No mistake, of a user or of ours, shows a traceback."""
    learn_environment(os.environ)
    with redacted_streams():
        return _exit_with(app)


def _exit_with(app: Callable[..., Any]) -> int:
    try:
        app()
    except SystemExit as done:
        return _code(done.code)
    except WedloadError as error:
        _tell(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # whoever read our output is gone; nothing more can be said, and that is no failure of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.FAILED)
    except Exception as defect:  # noqa: BLE001 - 1, Python's code for it, means a missed benchmark
        _tell(_failure(defect))
        return int(ExitCode.FAILED)
    return int(ExitCode.OK)


def _failure(defect: Exception) -> WedloadError:
    """What nobody foresaw, in a line; the traceback is in a file, as scripts read our stderr."""
    last = traceback.extract_tb(defect.__traceback__)[-1]
    what = f"wedload failed: {type(defect).__name__}: {defect} ({last.filename}:{last.lineno})"
    told = KNOWN("".join(traceback.format_exception(defect)))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="wedload-failure-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(told)
    except OSError:
        return WedloadError(what, f"this is a defect of wedload; please report it:\n{told}")
    return WedloadError(
        what, f"this is a defect of wedload; please report it with the traceback in {file.name}"
    )


def _code(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)  # noqa: T201 - what SystemExit("text") means
    return 1


def _tell(error: WedloadError) -> None:
    from rich.text import Text

    from wedload.report.console import SafeConsole

    console = SafeConsole(stderr=True)
    if isinstance(error, PlanError):
        for problem in error.problems:
            console.print(Text(str(problem)), soft_wrap=True)
        count = len(error.problems)
        what = "1 problem" if count == 1 else f"{count} problems"
        console.print(Text.assemble(("error", "bold red"), f": {what} in the plan"))
        return
    console.print(Text.assemble(("error", "bold red"), f": {error.message}"), soft_wrap=True)
    if error.hint is not None:
        console.print(Text(f"  hint: {error.hint}"), soft_wrap=True)
