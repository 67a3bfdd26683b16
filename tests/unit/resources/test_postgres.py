"""A session of PostgreSQL that is opened again in mid-load."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("asyncpg")

from wedload.resources.locks import LockWaits
from wedload.resources.port import Notes
from wedload.resources.postgres import Postgres, _Look


class _Session:
    def is_closed(self) -> bool:
        return False

    async def fetchrow(self, _query: str) -> dict[str, int]:
        return {"connections": 1, "lock_waits": 0, "hidden": 0}


async def test_no_rate_is_told_of_the_moment_since_a_session_was_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source: Any = object.__new__(Postgres)
    source._session, source._last, source._most_connections = None, None, 100.0
    looks = iter([_Look(5.0, 0, 0, 0, 0), _Look(5.003, 1, 0, 9, 1), _Look(6.003, 8, 0, 9, 1)])

    async def look() -> _Look:
        return next(looks)

    async def opened() -> None:
        source._session, source._last = _Session(), await look()

    monkeypatch.setattr(source, "_look", look)
    monkeypatch.setattr(source, "open", opened)

    assert set(await source.sample()) == {"connections", "lock_waits"}
    assert (await source.sample())["commits"].value == pytest.approx(7.0)


async def test_a_session_that_is_gone_at_the_end_is_told_of() -> None:
    source: Any = object.__new__(Postgres)
    source._session, source._before = None, {}
    source._notes, source._locks = Notes(), LockWaits()

    report = await source.finish()

    assert "what its statements cost was lost: its session was gone at the end" in str(report)
