from __future__ import annotations

import asyncio

from tests.helpers.waiting import GENEROUS_S, until
from wedload.sandbox.realtime.counts import Counts
from wedload.sandbox.realtime.outlet import MOST_WAITING_BYTES, Outlet


async def test_content_is_written_as_it_is(connection):
    transport, reader = connection
    outlet = Outlet(transport, Counts())
    assert outlet.send(b"one")
    assert outlet.send(b"two")
    assert await reader.readexactly(6) == b"onetwo"


async def test_what_waits_is_bounded_and_who_does_not_read_is_cut_off(connection):
    transport, _reader = connection
    counts = Counts()
    outlet = Outlet(transport, counts)
    content = b"x" * 100_000
    async with asyncio.timeout(GENEROUS_S):
        while outlet.send(content):
            assert transport.get_write_buffer_size() <= MOST_WAITING_BYTES + len(content)
            await asyncio.sleep(0)
    assert counts.slow_consumers == 1
    assert outlet.is_closing
    assert not outlet.send(content)
    assert counts.slow_consumers == 1


async def test_nothing_is_written_once_the_connection_is_closing(connection):
    transport, reader = connection
    outlet = Outlet(transport, Counts())
    transport.close()
    assert not outlet.send(b"late")
    assert await reader.read() == b""
    await until(lambda: outlet.is_closing)
