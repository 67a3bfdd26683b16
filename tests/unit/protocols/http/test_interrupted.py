"""What a cancelled request leaves behind is still a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from wedload.protocols.http.interrupted import Interrupted


def test_to_asyncio_it_is_a_cancellation_with_what_is_known():
    async def ask() -> None:
        raise Interrupted(5, 9, sent_bytes=3)

    async def main() -> None:
        task = asyncio.create_task(ask())
        with pytest.raises(Interrupted) as found:
            await task
        assert task.cancelled()
        end = found.value
        assert (end.started_ns, end.ended_ns, end.sent_bytes, end.received_bytes) == (5, 9, 3, 0)

    asyncio.run(main())
