import pytest

from wedload.simulators.course import Course
from wedload.simulators.rendering import GARBAGE, refused, rendered, spoilt
from wedload.simulators.service import Reply

REPLY = Reply(200, b"0123456789", (("Content-Type", "text/plain"),))


def test_a_reply_has_its_headers_and_the_length_of_its_body():
    assert rendered(REPLY, "close") == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n"
        b"Connection: close\r\n\r\n0123456789"
    )
    assert rendered(Reply(202)) == b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_no_length(status):
    assert b"Content-Length" not in rendered(Reply(status, b"body"))
    assert rendered(Reply(status, b"body")).endswith(b"\r\n\r\n")


def test_an_answer_to_head_has_the_length_alone():
    assert rendered(REPLY, head_only=True).endswith(b"Content-Length: 10\r\n\r\n")


def test_a_broken_chunk_follows_a_whole_one_and_is_none():
    spoiled = spoilt(Course("e", "", 0, 0, 0, REPLY, ending="chunk"))
    head, _, body = spoiled.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert body == b"5\r\n01234\r\nnot-a-chunk-size\r\n"
    empty = spoilt(Course("e", "", 0, 0, 0, Reply(202), ending="chunk"))
    assert empty.endswith(b"\r\n\r\nnot-a-chunk-size\r\n")


def test_noise_is_itself_and_an_empty_answer_nothing():
    assert spoilt(Course("e", "", 0, 0, 0, REPLY, ending="random", noise=b"\x00x")) == b"\x00x"
    assert spoilt(Course("e", "", 0, 0, 0, REPLY, ending="empty")) == b""


def test_a_refusal_closes_and_says_why():
    text = refused(GARBAGE)
    assert text.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Connection: close" in text
    assert text.endswith(b"garbage: what came is no HTTP\n")
