"""The console that people read; one that cannot be written to falls silent, and ends no run."""

from __future__ import annotations

from rich.console import Console


class SafeConsole(Console):
    """Rich's console, but a broken pipe or a lost terminal only quiet it: the run goes on."""

    def _check_buffer(self) -> None:
        try:
            super()._check_buffer()
        except OSError:  # a terminal that is gone, a full disk; Rich itself knows broken pipes only
            self.on_broken_pipe()

    def on_broken_pipe(self) -> None:
        """Nobody reads any more (`wedload run … 2>&1 | head`): say nothing from now on."""
        self.quiet = True
