"""The dashboard's server, on a real socket."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from yarl import URL

from wedload.errors import UsageError
from wedload.report.dashboard.server import dashboard_server

_POLICY = "default-src 'none'"


def _served(stop=lambda: {"stopping": True}, port=0):
    return dashboard_server("127.0.0.1", port, page="<p>run</p>", policy=_POLICY, stop=stop)


async def test_page_needs_the_token_and_has_a_policy():
    async with _served() as served, aiohttp.ClientSession() as client:
        async with client.get(served.url) as answer:
            assert await answer.text() == "<p>run</p>"
            assert answer.headers["Content-Security-Policy"] == _POLICY
        async with client.get(URL(served.url).with_query(token="no")) as answer:
            assert answer.status == 403
        async with client.get(served.url, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403


async def test_only_the_page_itself_stops_the_run():
    stopped = []

    def stop():
        stopped.append(1)
        return {"stopping": True}

    async with _served(stop) as served, aiohttp.ClientSession() as client:
        url = URL(served.url).with_path("/stop", keep_query=True)
        own = {"Origin": str(url.origin())}
        for where, headers in (
            (url, {}), (url, {"Origin": "http://evil.example"}), (url.with_query(None), own),
        ):  # fmt: skip
            async with client.post(where, headers=headers) as answer:
                assert answer.status == 403
        assert stopped == []
        async with client.post(url, headers=own) as answer:
            assert (answer.status, await answer.json()) == (200, {"stopping": True})
        assert stopped == [1]


async def test_refused_stop_is_said():
    async with _served(lambda: {"error": "no load"}) as served, aiohttp.ClientSession() as client:
        url = URL(served.url).with_path("/stop", keep_query=True)
        async with client.post(url, headers={"Origin": str(url.origin())}) as answer:
            assert (answer.status, await answer.json()) == (409, {"error": "no load"})


async def test_states_arrive_as_events_and_a_ninth_browser_is_refused():
    async with _served() as served, aiohttp.ClientSession() as client:
        url = URL(served.url).with_path("/events", keep_query=True)
        answers = [await client.get(url) for _ in range(8)]
        async with client.get(url) as refused:
            assert refused.status == 503
        served.subscribers.tell(b'{"vus": 1}')
        for one in answers:
            assert await one.content.readline() == b'data: {"vus": 1}\n'
        served.subscribers.close()
        for one in answers:
            assert await one.content.read() == b"\n"


async def test_taken_port_is_an_error_with_a_remedy():
    async with _served() as served:
        with pytest.raises(UsageError, match="cannot be served") as found:
            async with _served(port=URL(served.url).port):
                pass
    assert "another port" in found.value.hint


async def test_browser_that_does_not_read_is_cut_off():
    served_with = dashboard_server(
        "127.0.0.1", 0, page="", policy=_POLICY, stop=dict, patience_s=0.05
    )
    async with served_with as served, aiohttp.ClientSession() as client:
        url = URL(served.url).with_path("/events", keep_query=True)
        answer = await client.get(url)
        served.subscribers.tell(b"x" * 50_000_000)  # more than sockets keep
        while served.subscribers.count:
            await asyncio.sleep(0.01)
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
