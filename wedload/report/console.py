"""The console that people read; one that cannot be written to falls silent, and ends no run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

#: what a terminal obeys (C0, DEL, C1), and what turns the direction of a text round: names in a
#: plan, and what a target answers, are shown and never done
_UNSHOWN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class SafeConsole(Console):
    """Rich's console, but a broken pipe or a lost terminal only quiet it: the run goes on."""

    def _check_buffer(self) -> None:
        try:
            super()._check_buffer()
        except OSError:  # a terminal that is gone, a full disk; Rich itself knows broken pipes only
            self.on_broken_pipe()

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """What goes to the terminal: control codes are ours, never those of a text."""
        return super()._render_buffer(
            one if one.control else Segment(_UNSHOWN.sub("", one.text), one.style) for one in buffer
        )

    def on_broken_pipe(self) -> None:
        """Nobody reads any more (`wedload run … 2>&1 | head`): say nothing from now on."""
        self.quiet = True
