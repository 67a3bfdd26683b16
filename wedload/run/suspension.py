"""Ctrl-Z: load that nobody watches is held back first, and goes on when this process does."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: what the load processes get to hear of it before this process stops, and the clock of the load to
#: be looked at when it goes on
_MOMENT_S: Final = 0.1


@contextmanager
def suspendable(obey: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """SIGTSTP pauses every scenario by `obey`, as `wedload ctl` does, before it stops us.

    What was paused already stays so afterwards. Used inside a running event loop.
    """
    if signal.getsignal(signal.SIGTSTP) is signal.SIG_IGN:  # nobody there who could say `fg`
        yield
        return
    loop = asyncio.get_running_loop()

    due = False  # a stop is, so that one more asks for nothing more

    def suspend() -> None:
        nonlocal due
        if due:
            return
        due = True
        before = set(obey({"do": "status"})["paused"])
        held = set(obey({"do": "pause"}).get("paused", ())) - before  # none outside of the load
        loop.call_later(_MOMENT_S, stop, held)

    def stop(held: set[str]) -> None:
        nonlocal due
        os.kill(os.getpid(), signal.SIGSTOP)
        # from here on it goes on
        due = False
        loop.call_later(_MOMENT_S, go_on, held)

    def go_on(held: set[str]) -> None:
        for scenario in sorted(held):
            obey({"do": "resume", "scenario": scenario})

    loop.add_signal_handler(signal.SIGTSTP, suspend)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTSTP)
