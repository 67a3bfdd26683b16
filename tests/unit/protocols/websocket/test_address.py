"""Where a WebSocket is."""

from __future__ import annotations

import pytest

from wedload.protocols.websocket.address import WebSocketAddress
from wedload.workload.request import InvalidUrlError


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        ("ws://a.example", None, "ws://a.example/"),
        ("wss://a.example:443/x?y=1", None, "wss://a.example/x?y=1"),
        ("WS://a.example:81/x#gone", None, "ws://a.example:81/x"),
        ("https://[::1]:8443/x", None, "wss://[::1]:8443/x"),
        ("/live?a=b", "http://a.example:8000", "ws://a.example:8000/live?a=b"),
        ("/live", "https://a.example/api/", "wss://a.example/api/live"),
        ("ws://other.example/x", "http://a.example", "ws://other.example/x"),
        ("/über", "http://a.example", "ws://a.example/%C3%BCber"),
    ],
)
def test_urls_and_paths_under_a_base_are_read(url, base, expected):
    address = WebSocketAddress.parse(url, base)
    assert address.url == expected
    assert address.secure is expected.startswith("wss")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/path", "not a ws or wss URL"),
        ("ftp://a.example/", "not a ws or wss URL"),
        ("ws:///x", "names no host"),
        ("ws://me:secret@a.example/", "credentials do not belong"),
        ("ws://a.example:99999/", "is not a URL"),
    ],
)
def test_what_is_no_address_says_so(url, said):
    with pytest.raises(InvalidUrlError, match=said) as raised:
        WebSocketAddress.parse(url)
    assert "secret" not in str(raised.value)
