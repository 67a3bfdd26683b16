"""The console that people read; one whose reader goes away falls silent instead of ending a run."""

from __future__ import annotations

from rich.console import Console


class SafeConsole(Console):
    """Rich's console, but a broken pipe only quiets it: load, clean-up and result go on."""

    def on_broken_pipe(self) -> None:
        """Nobody reads any more (`wedload run … 2>&1 | head`): say nothing from now on."""
        self.quiet = True
