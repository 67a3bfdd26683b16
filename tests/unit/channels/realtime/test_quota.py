"""Which errors are about quotas."""

from __future__ import annotations

import pytest

from wedload.channels.realtime.quota import quota_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ChannelRateLimitReached: Too many channels", "ChannelRateLimitReached"),
        ("ConnectionRateLimitReached: Too many connected users", "ConnectionRateLimitReached"),
        ("ClientJoinRateLimitReached: Too many joins per second", "ClientJoinRateLimitReached"),
        ("DatabaseConnectionRateLimitReached: …", "DatabaseConnectionRateLimitReached"),
        ("Too many messages per second", "MessagePerSecondRateLimitReached"),
        ("too many MESSAGES per second", "MessagePerSecondRateLimitReached"),
        ("Too many presence messages per second", "PresenceRateLimitReached"),
        ("Client presence rate limit exceeded", "ClientPresenceRateLimitReached"),
        ("Too many connected users", "ConnectionRateLimitReached"),
        ("Unauthorized: You do not have permissions to read from this Channel topic", None),
        ("InvalidJWTToken: Token has expired 3 seconds ago", None),
        ("", None),
    ],
)
def test_a_code_is_found_in_what_a_server_says(text, code):
    assert quota_code(text) == code


def test_an_http_status_says_it_too():
    assert quota_code("", 429) == "status 429"
    assert quota_code("Too many joins per second", 429) == "ClientJoinRateLimitReached"
    assert quota_code("", 403) is None
