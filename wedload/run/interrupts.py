"""Interrupts of a run: the first asks it to stop, the second insists.

It knows signals, not what stopping means: see wedload.run.session.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """SIGINT, SIGTERM and SIGHUP, counted."""

    def __init__(self, first: Callable[[], None], again: Callable[[], None]) -> None:
        self._first = first
        self._again = again
        self.count = 0

    @contextmanager
    def handled(self) -> Iterator[None]:
        """They call us as long as this lasts. Used inside a running event loop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.interrupt)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def interrupt(self) -> None:
        """One more interrupt, by a signal or by somebody who asks for it."""
        self.count += 1
        if self.count == 1:
            self._first()
        else:
            _ignore()
            self._again()


def _ignore() -> None:
    """From now until the process ends: one more would cut short what ends its processes."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_IGN)
