"""Terminals of some size, with a command on them as a shell would start it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

import pytest

_LOGIN = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """A terminal of some size, with a command on it as a shell would start it."""

    def __init__(self, wedload, *arguments: object, rows: int = 24, columns: int = 80) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs  # kept, so that its settings can be read afterwards
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LOGIN, *wedload.command, *map(str, arguments)],
            stdin=theirs,
            cwd=wedload.folder,
            env=wedload.environment(TERM="xterm-256color"),
        )
        self.shown = ""
        self._gone = False

    def read(self, until: str | None = None, timeout_s: float = 30) -> str:
        """Read until some text is there, or until the command has ended."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            if select.select([self._ours], [], [], 0.05)[0]:
                self.shown += os.read(self._ours, 65536).decode("utf-8", "replace")
                if until is not None and until in self.shown:
                    return self.shown
            elif ended:
                return self.shown
        pytest.fail(f"not shown: {until}\n{self.shown}")

    def hang_up(self) -> None:
        """Go away, as the window of a terminal that is closed."""
        self._gone = True
        os.close(self._theirs)
        os.close(self._ours)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    @property
    def after(self):
        return termios.tcgetattr(self._theirs)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self._gone:
            os.close(self._ours)
            os.close(self._theirs)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", text).replace("\r", "")
