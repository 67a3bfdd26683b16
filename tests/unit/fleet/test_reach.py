"""Whether a target can be reached, found out by one connection, and where channels lead."""

from __future__ import annotations

import asyncio

import pytest

from wedload.errors import TargetError, UsageError
from wedload.fleet.reach import (
    checked_upstreams,
    require_channels_here,
    require_reachable,
)
from wedload.safety.target_guard import LOOPBACK_ONLY


async def test_target_that_answers_is_reached_by_one_connection(plan):
    connections = []
    server = await asyncio.start_server(
        lambda _, writer: (connections.append(1), writer.close()), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    made = plan(target=f'base_url = "http://127.0.0.1:{port}"')

    await require_reachable("local", made.targets["local"], LOOPBACK_ONLY)

    await asyncio.sleep(0.05)
    assert connections == [1]
    server.close()
    await server.wait_closed()


ROOM = '[channels.room]\nrealtime = "{}"\nurl = "{}"\nkey = "json.id"\n'


async def test_a_channel_elsewhere_is_refused_with_the_remedy(plan):
    made = plan(more=ROOM.format("websocket", "wss://93.184.216.34/ws?key=hush"))

    with pytest.raises(UsageError) as refused:
        await require_channels_here(made, made.targets["local"], LOOPBACK_ONLY)

    assert refused.value.message.startswith("channel room (wss://93.184.216.34/ws): 93.184.216.34 ")
    assert "is not on loopback" in refused.value.message
    assert "ssh -L" in refused.value.hint
    assert "hush" not in str(refused.value)


async def test_a_channel_whose_name_nobody_knows_is_told_of(plan):
    made = plan(more=ROOM.format("sse", "http://nowhere.invalid/feed"))

    with pytest.raises(TargetError, match=r"the name nowhere\.invalid is not known"):
        await require_channels_here(made, made.targets["local"], LOOPBACK_ONLY)


async def test_a_channel_here_is_let_be_also_by_a_name_that_leads_here(plan):
    hosts = 'base_url = "http://127.0.0.1:9"\nhosts = { "rt.example.org" = "127.0.0.1" }'
    made = plan(more=ROOM.format("websocket", "wss://rt.example.org/ws"), target=hosts)

    await require_channels_here(made, made.targets["local"], LOOPBACK_ONLY)  # and passes


PROXY = '[proxies.db]\nupstream = "{}"\n'


async def test_a_proxy_leads_to_an_address_that_was_looked_up_once(plan):
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    found = await checked_upstreams(plan(more=PROXY.format(f"localhost:{port}")), LOOPBACK_ONLY)

    assert found["db"].upstream == f"127.0.0.1:{port}"  # where somebody listens
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("upstream", ["sandbox", "127.0.0.1:5432", "[::1]:5432"])
async def test_what_is_no_name_stays_as_it_is(plan, upstream):
    made = plan(target="sandbox = true", more=PROXY.format(upstream))

    found = await checked_upstreams(made, LOOPBACK_ONLY)

    assert found["db"].upstream == upstream


async def test_a_proxy_to_elsewhere_is_refused_with_the_remedy(plan):
    made = plan(more=PROXY.format("93.184.216.34:5432"))

    with pytest.raises(UsageError, match=r"\[proxies.db\] upstream .* not on loopback") as refused:
        await checked_upstreams(made, LOOPBACK_ONLY)

    assert "ssh -L" in refused.value.hint


async def test_a_proxy_to_a_name_that_nobody_knows_says_so(plan):
    made = plan(more=PROXY.format("nowhere.invalid:5432"))

    with pytest.raises(TargetError, match=r"the name nowhere\.invalid is not known"):
        await checked_upstreams(made, LOOPBACK_ONLY)
