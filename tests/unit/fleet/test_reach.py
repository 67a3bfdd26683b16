"""Whether a target can be reached, found out by one connection."""

from __future__ import annotations

import asyncio

from wedload.fleet.reach import require_reachable


async def test_target_that_answers_is_reached_by_one_connection(plan):
    connections = []
    server = await asyncio.start_server(
        lambda _, writer: (connections.append(1), writer.close()), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    made = plan(target=f'base_url = "http://127.0.0.1:{port}"')

    await require_reachable("local", made.targets["local"])

    await asyncio.sleep(0.05)
    assert connections == [1]
    server.close()
    await server.wait_closed()
