"""A real connection on loopback, as the server has it."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture
async def connection():
    """The server's transport, and the client's reader."""
    accepted = asyncio.get_running_loop().create_future()

    def accept(_reader, writer):
        accepted.set_result(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    there = await accepted
    yield there.transport, reader
    for each in (writer, there):
        each.close()
    server.close()
    await asyncio.sleep(0)
