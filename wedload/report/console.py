"""The console that people read: without secrets, and ends no run if it cannot be written to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.segment import Segment
from rich.text import Text

from wedload.plan.secrets.vault import MASK
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable


#: what a terminal obeys (C0, DEL, C1), and what turns the direction of a text round: names in a
#: plan, and what a target answers, are shown and never done
_UNSHOWN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


class SafeConsole(Console):
    """Rich's console, but a broken pipe or a lost terminal only quiet it: the run goes on."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print, without secrets: before lines are broken, which would break a secret, too."""
        super().print(*map(_without_secrets, objects), **how)

    def _check_buffer(self) -> None:
        try:
            super()._check_buffer()
        except OSError:  # a terminal that is gone, a full disk; Rich itself knows broken pipes only
            self.on_broken_pipe()

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """What goes to the terminal, however it was printed: no secrets, and no codes of a text."""
        return KNOWN(
            super()._render_buffer(
                one if one.control else Segment(_UNSHOWN.sub("", one.text), one.style)
                for one in buffer
            )
        )

    def on_broken_pipe(self) -> None:
        """Nobody reads any more (`wedload run … 2>&1 | head`): say nothing from now on."""
        self.quiet = True


def _without_secrets(printed: Any) -> Any:
    if isinstance(printed, str):
        return KNOWN(printed).replace(MASK, escape(MASK))  # which looks like a mark of Rich's
    if isinstance(printed, Text) and (redacted := KNOWN(printed.plain)) != printed.plain:
        return Text(redacted, style=printed.style)
    return printed
