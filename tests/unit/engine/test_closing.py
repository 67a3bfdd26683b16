"""Closing an engine (`engine/engine.py`): what one part fails by keeps no other open."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wedload.engine.engine import Engine


class Closing:
    def __init__(self, error=None):
        self.closed, self.error = False, error

    async def close(self):
        if self.error is not None:
            raise self.error
        self.closed = True


async def test_one_that_cannot_be_closed_keeps_neither_another_nor_the_journal_open():
    drivers = {"sql": Closing(RuntimeError("no")), "http": Closing(), "ws": Closing()}
    journal = SimpleNamespace(closed=False)
    journal.close = lambda: setattr(journal, "closed", True)
    engine = object.__new__(Engine)
    engine._shared = SimpleNamespace(drivers=drivers, journal=journal)
    with pytest.raises(RuntimeError, match="no"):
        await engine.close()
    assert drivers["http"].closed
    assert drivers["ws"].closed
    assert journal.closed
