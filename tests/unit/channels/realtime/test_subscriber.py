"""What it means that a connection did not open, or has ended."""

from __future__ import annotations

import pytest

from wedload.channels.realtime.subscriber import Failure, closed, refused

URL = "http://127.0.0.1:1/x"


@pytest.mark.parametrize(
    ("status", "said", "failure"),
    [
        (
            401,
            "no key",
            Failure("status 401", f"{URL} answered with status 401: no key", final=True),
        ),
        (500, "", Failure("status 500", f"{URL} answered with status 500")),
        (
            429,
            "Too many connected users",
            Failure(
                "ConnectionRateLimitReached",
                f"{URL} answered with status 429: Too many connected users",
                "ConnectionRateLimitReached",
            ),
        ),
        (429, "", Failure("status 429", f"{URL} answered with status 429", "status 429")),
    ],
)
def test_an_answer_that_opens_nothing(status, said, failure):
    assert refused(URL, status, said) == failure


@pytest.mark.parametrize(
    ("code", "reason", "failure"),
    [
        (None, "", Failure("reset", "the connection ended without a close frame")),
        (1001, "", Failure("code 1001", "it was closed with code 1001")),
        (1008, "bad", Failure("code 1008", "it was closed with code 1008: bad")),
        (
            1008,
            "Too many messages per second",
            Failure(
                "MessagePerSecondRateLimitReached",
                "it was closed with code 1008: Too many messages per second",
                "MessagePerSecondRateLimitReached",
            ),
        ),
    ],
)
def test_a_websocket_that_has_ended(code, reason, failure):
    assert closed(code, reason) == failure
