"""Listening: how `listen` is read, and where a receiver may be."""

from __future__ import annotations

import pytest

from wedload.channels.webhook.listening import Place, bound
from wedload.errors import EarError


@pytest.mark.parametrize(
    ("text", "host", "port", "bracketed"),
    [
        ("127.0.0.1:0", "127.0.0.1", 0, "127.0.0.1"),
        ("localhost:8080", "localhost", 8080, "localhost"),
        ("[::1]:65535", "::1", 65_535, "[::1]"),
    ],
)
def test_a_place_has_host_and_port(text, host, port, bracketed):
    place = Place.parse(text, "deliveries")
    assert (place, place.bracketed) == ((host, port), bracketed)


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "localhost", "localhost:", "::1:80", "a:65536", "a:-1", "a:1²"]
)
def test_another_text_is_told_with_the_channel_and_what_to_write(text):
    with pytest.raises(EarError, match=r"^channel deliveries: listen ") as refused:
        Place.parse(text, "deliveries")
    assert repr(text) in refused.value.message
    assert "127.0.0.1:0" in refused.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "8.8.8.8"])
def test_nobody_listens_where_others_reach(host):
    with pytest.raises(EarError, match="not an address of loopback") as refused:
        bound(Place(host, 0), "deliveries")
    assert host in refused.value.message
    assert "expose = true" in refused.value.hint


def test_who_is_exposed_on_purpose_listens_where_others_reach():
    with bound(Place("0.0.0.0", 0), "deliveries", expose=True) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


@pytest.mark.parametrize("host", ["wedsync.invalid", "a" * 70, "x..y"])
def test_an_unknown_host_is_told(host):
    with pytest.raises(EarError, match=r"^channel deliveries: .* is not known"):
        bound(Place(host, 0), "deliveries")
