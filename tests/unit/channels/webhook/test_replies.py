"""Replies: the bytes that a sender gets."""

from __future__ import annotations

import http.client
import io

import pytest

from wedload.channels.webhook.replies import (
    ACCEPTED,
    CUT_OFF,
    GARBAGE,
    UNPROVEN,
    WRONG_METHOD,
    Reply,
    refused,
    rendered,
    whole_seconds,
)
from wedload.units import NS_PER_MS, NS_PER_S


class Sent:
    """What http.client takes for a socket: bytes that have come."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    def makefile(self, _: str) -> io.BytesIO:
        return self.file


def parsed(data: bytes, method: str = "POST") -> tuple[int, dict[str, str], str]:
    """Status, headers and body, as the standard library reads them: all bytes are of them."""
    sent = Sent(data)
    response = http.client.HTTPResponse(sent, method=method)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    rest = sent.file.getvalue()[sent.file.tell() :]
    body = response.read()
    assert body == rest
    return response.status, headers, body.decode()


def test_success_says_no_more_than_it_has_to():
    assert rendered(ACCEPTED) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("status", [200, 204, 299, 302, 304, 410, 429, 503, 599])
@pytest.mark.parametrize("connection", ["", "close", "keep-alive"])
def test_every_reply_is_http_and_says_what_it_has_to(status, connection):
    reply = Reply(status, "text", retry_after_s=7)
    found, headers, text = parsed(rendered(reply, connection))
    assert (found, headers["retry-after"]) == (status, "7")
    assert headers.get("connection", "") == connection
    assert text == ("" if status in {204, 304} else "text")


def test_a_refusal_says_why():
    for refusal in UNPROVEN.values():
        status, headers, text = parsed(rendered(refused(refusal)))
        assert (status, text) == (refusal.status, f"{refusal.reason}: {refusal.why}\n")
        assert headers["content-type"].startswith("text/plain")


def test_who_uses_another_method_is_told_which_one_to_use():
    status, headers, text = parsed(rendered(refused(WRONG_METHOD), head_only=True), "HEAD")
    assert (status, headers["allow"], text) == (405, "POST", "")
    assert int(headers["content-length"]) > 0


def test_reasons_are_told_apart():
    reasons = [refusal.reason for refusal in (*UNPROVEN.values(), GARBAGE, WRONG_METHOD, CUT_OFF)]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(
    ("duration_ns", "seconds"), [(0, 0), (1, 1), (NS_PER_S, 1), (1_500 * NS_PER_MS, 2)]
)
def test_nobody_is_told_to_come_back_too_early(duration_ns, seconds):
    assert whole_seconds(duration_ns) == seconds
