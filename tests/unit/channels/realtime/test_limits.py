"""What a service allows, against what a plan asks for."""

from __future__ import annotations

import pytest

from tests.helpers.realtime import realtime_channel
from wedload.channels.realtime.limits import SUPABASE, preflight
from wedload.plan.channels import Limits
from wedload.plan.rate import Rate


def found(published_per_s: float | None, realtime: str = "supabase", **limits: object) -> list[str]:
    channel = realtime_channel(realtime, subscribers=300, limits=Limits(**limits))
    return preflight("news", channel, published_per_s)


def test_a_channel_without_limits_asks_for_what_it_likes():
    assert preflight("news", realtime_channel(subscribers=10**6), 1e6) == []


@pytest.mark.parametrize(("connections", "beyond"), [(299, True), (300, False), (None, False)])
def test_more_subscribers_than_connections_are_too_many(connections, beyond):
    assert bool(found(None, connections=connections)) is beyond


def test_the_sentence_has_figures_and_a_remedy():
    assert found(None, connections=200) == [
        (
            "channel news: 300 subscribers, but the service allows 200 connections "
            "(Supabase's plan pro: 500): lower `subscribers`, or have the limit raised"
        )
    ]
    assert found(None, "phoenix", connections=200) == [
        (
            "channel news: 300 subscribers, but the service allows 200 connections: lower "
            "`subscribers`, or have the limit raised"
        )
    ]


@pytest.mark.parametrize(("rate", "beyond"), [(10.1, True), (10.0, False), (None, False)])
def test_every_message_counts_once_for_each_subscriber(rate, beyond):
    assert bool(found(rate, messages=Rate.parse("3000/s"))) is beyond


def test_the_rate_that_would_do_is_said():
    assert found(20, messages=Rate.parse(1_500)) == [
        (
            "channel news: 20.0/s to 300 subscribers are 6,000/s messages, but the service allows "
            "1,500/s: publish at most 5.00/s, lower `subscribers`, or have the limit raised"
        )
    ]


def test_the_documented_limits_grow_with_the_plan():
    allowed = list(SUPABASE.values())
    assert allowed == sorted(allowed)
    assert SUPABASE["free"] == (200, 100)
