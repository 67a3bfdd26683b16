"""`/metrics` on a real socket."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from tests.helpers.pictures import picture_of_shop
from tests.helpers.ports import free_port
from wedload.export.port import ExportError
from wedload.export.scrape import Scrape

OPEN = {"Accept": "application/openmetrics-text; version=1.0.0"}


@pytest.fixture
async def scrape():
    exporter = Scrape("127.0.0.1", 0, patience_s=30.0)
    await exporter.open()
    yield exporter
    await exporter.close()


@pytest.fixture
async def browser():
    async with aiohttp.ClientSession() as session:
        yield session


async def fetched(browser, url, headers=None):
    async with browser.get(url, headers=headers) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_any_port_is_one_that_is_told(scrape, browser):
    assert not scrape.to.endswith(":0/metrics")
    assert await fetched(browser, scrape.to) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        "",
    )


async def test_the_last_picture_is_fetched_in_the_format_that_is_asked_for(scrape, browser):
    await scrape.send(picture_of_shop())
    _, content_type, text = await fetched(browser, scrape.to)
    assert content_type.startswith("text/plain; version=0.0.4")
    assert "wedload_http_reqs_total{" in text
    assert "# EOF" not in text
    _, content_type, text = await fetched(browser, scrape.to, OPEN)
    assert content_type.startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


async def test_there_is_nothing_else_to_be_had(scrape, browser):
    async with browser.get(scrape.to.removesuffix("metrics")) as answer:
        assert answer.status == 404
    async with browser.post(scrape.to) as answer:
        assert answer.status == 405


async def test_the_last_picture_is_kept_until_it_was_fetched_once_more(scrape, browser):
    await scrape.send(picture_of_shop())
    await fetched(browser, scrape.to)
    sending = asyncio.create_task(scrape.send(picture_of_shop(is_last=True)))
    await asyncio.sleep(0.05)
    assert not sending.done()
    await fetched(browser, scrape.to)
    await sending


async def test_that_nobody_has_fetched_any_is_said(scrape):
    await scrape.send(picture_of_shop())
    with pytest.raises(ExportError, match=r"^nobody has fetched http://127.0.0.1:\d+/metrics$"):
        await scrape.send(picture_of_shop(is_last=True))


async def test_that_nobody_fetches_the_last_one_is_said(browser):
    exporter = Scrape("127.0.0.1", 0, patience_s=0.05)
    await exporter.open()
    await exporter.send(picture_of_shop())
    await fetched(browser, exporter.to)
    with pytest.raises(ExportError, match=r"were not fetched within 0.05 s"):
        await exporter.send(picture_of_shop(is_last=True))
    await exporter.close()


async def test_a_port_that_is_taken_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ExportError, match=f"nobody can listen at http://127.0.0.1:{port}/met"):
            await Scrape("127.0.0.1", port).open()
