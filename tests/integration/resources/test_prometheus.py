"""Queries of a real Prometheus, which has scraped figures that are known."""

from __future__ import annotations

import asyncio

import pytest

from wedload.resources.port import SourceError
from wedload.resources.prometheus import Prometheus, PrometheusQuery


def asked(url, query, addresses=("127.0.0.1",)):
    """What is sampled, and what is to be known of it."""

    async def run():
        source = PrometheusQuery(Prometheus(url, addresses), query)
        try:
            await source.open()
            levels = await source.sample()
            return {name: one.value for name, one in levels.items()}, await source.finish()
        finally:
            await source.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("query", "value", "several"),
    [
        ("shop_rss_bytes", 104_857_600.0, False),
        ("shop_cpu_ratio{instance_of='b'}", 0.5, False),
        ("shop_cpu_ratio", 0.75, True),
        ("max(shop_cpu_ratio) * 2", 1.0, False),
        ("scalar(shop_rss_bytes)", 104_857_600.0, False),
        ("-shop_cpu_ratio{instance_of='a'}", -0.25, False),
    ],
)
def test_the_answer_is_what_was_exposed(prometheus, query, value, several):
    levels, report = asked(prometheus, query)

    assert levels == {"value": pytest.approx(value)}
    assert bool(report["notes"]) == several


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("nothing_of_this_name", "the query finds no series"),
        ("shop_rss_bytes[5m]", "the query answers a matrix"),
        ("sum(", "Prometheus refuses the query: .*parse error"),
        ("shop_rss_bytes / 0", "the query answers inf"),
    ],
)
def test_what_cannot_be_answered_says_why(prometheus, query, said):
    with pytest.raises(SourceError, match=said):
        asked(prometheus, query)


def test_name_leads_to_the_addresses_that_are_allowed_and_nowhere_else(prometheus):
    url = prometheus.replace("127.0.0.1", "metrics.example")

    assert asked(url, "shop_rss_bytes")[0] == {"value": 104_857_600.0}
    with pytest.raises(SourceError, match="Prometheus cannot be asked"):
        asked(url, "up", addresses=("127.0.0.2",))


def test_other_servers_are_told_apart(prometheus):
    with pytest.raises(SourceError, match="this is no Prometheus: 404"):
        asked(f"{prometheus}/graphs", "up")
