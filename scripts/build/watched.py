"""Run a command that says nothing for long, and show what it is and how long it has taken.

    python scripts/build/watched.py "installing (about a minute)" pip install --quiet …

In a terminal the seconds count up in place; elsewhere there is a line at the begin and one at the
end. What the command itself says follows when it has ended. The exit code is the command's.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from typing import IO

#: seconds between two looks at the command
_EVERY_S = 0.2


def main() -> int:
    """Run the command that the arguments hold; its exit code."""
    doing, *command = sys.argv[1:]
    with tempfile.TemporaryFile() as said:
        code = watch(command, doing, said)
        said.seek(0)
        shutil.copyfileobj(said, sys.stderr.buffer)
    return code


def watch(command: list[str], doing: str, said: IO[bytes], cwd: str | None = None) -> int:
    """Run a command, show that it goes on, and give back its exit code; 130 if interrupted.

    What it prints goes into `said`.
    """
    begun_s = time.monotonic()
    if not sys.stdout.isatty():
        print(f"{doing} …", flush=True)
    with subprocess.Popen(command, cwd=cwd, stdout=said, stderr=said) as process:
        try:
            _wait(process, doing, begun_s)
        except KeyboardInterrupt:  # the command has got it too
            process.wait()
            print()
            return 130
    how = "done" if process.returncode == 0 else "failed"
    _show(f"{doing} … {how} in {time.monotonic() - begun_s:.0f} s")
    print(flush=True)
    return process.returncode


def _wait(process: subprocess.Popen[bytes], doing: str, begun_s: float) -> None:
    while True:
        if sys.stdout.isatty():
            _show(f"{doing} … {time.monotonic() - begun_s:.0f} s")
        try:
            process.wait(_EVERY_S)
        except subprocess.TimeoutExpired:
            continue
        return


def _show(line: str) -> None:
    """Write a line; in a terminal over the one that is there, and cut where it would break."""
    if sys.stdout.isatty():
        line = f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K"
    print(line, end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
