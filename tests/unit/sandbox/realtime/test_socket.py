"""A channel that fails is told so, and alone."""

from __future__ import annotations

import json

from tests.helpers.waiting import until
from wedload.sandbox.auth import Sessions, SigninKeys
from wedload.sandbox.events import Events
from wedload.sandbox.rate_limit import RateLimit
from wedload.sandbox.realtime.outlet import Outlet
from wedload.sandbox.realtime.quota import Quotas
from wedload.sandbox.realtime.rooms import Rooms
from wedload.sandbox.realtime.service import Realtime
from wedload.sandbox.realtime.socket import Socket
from wedload.sandbox.weakness import Weaknesses


async def test_channel_that_fails_is_told_so_and_the_others_go_on(connection, monkeypatch, caplog):
    transport, reader = connection
    sessions = Sessions(SigninKeys("supplier", "couple"), 60, RateLimit(0))
    realtime = Realtime(sessions, Events(), Weaknesses(), Quotas(), silence_s=60)
    socket = Socket(realtime, 2, "couple", Outlet(transport, realtime.counts))

    async def answers(count):
        messages = []
        for _ in range(count):
            length = (await reader.readexactly(2))[1]
            messages.append(json.loads(await reader.readexactly(length)))
        return messages

    for topic in ("realtime:a", "realtime:b"):
        socket.hear(json.dumps(["1", "1", topic, "phx_join", {"config": {}}]))
    await answers(2)

    def fail(*_args):
        raise RuntimeError("an error of our own")

    monkeypatch.setattr(Rooms, "broadcast", fail)
    socket.hear(json.dumps(["1", "2", "realtime:a", "broadcast", {"event": "x"}]))
    assert await answers(1) == [["1", "1", "realtime:a", "phx_error", {}]]
    assert "an error of our own" in caplog.text
    assert realtime.counts.joined == 1
    socket.hear(json.dumps(["1", "3", "realtime:b", "presence", {"event": "untrack"}]))
    assert (await answers(1))[0][4]["status"] == "ok"
    socket.close()
    await until(lambda: realtime.counts.joined == 0)
