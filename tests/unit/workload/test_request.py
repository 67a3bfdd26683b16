"""URLs taken apart, and requests as the bytes that go to the socket."""

from __future__ import annotations

import pytest

from wedload.workload.request import InvalidUrlError, Origin, Request, encode_target, split_url


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://a.example", ("http", "a.example", 80), b"/"),
        ("https://a.example/", ("https", "a.example", 443), b"/"),
        ("https://A.Example:8443/x/y?q=1", ("https", "a.example", 8443), b"/x/y?q=1"),
        ("http://127.0.0.1:80/x", ("http", "127.0.0.1", 80), b"/x"),
        ("http://[2001:db8::1]:8080/x", ("http", "2001:db8::1", 8080), b"/x"),
        ("https://a.example?q=1", ("https", "a.example", 443), b"/?q=1"),
        ("https://a.example/x#part", ("https", "a.example", 443), b"/x"),
        ("https://a.example/ä b", ("https", "a.example", 443), b"/%C3%A4%20b"),
        ("HTTPS://a.example/%41", ("https", "a.example", 443), b"/%41"),
    ],
)
def test_urls_are_taken_apart_into_origin_and_target(url, origin, target):
    assert split_url(url) == (Origin(*origin), target)


@pytest.mark.parametrize(
    "url",
    [
        "", "/x", "a.example/x", "ftp://a.example/", "file:///etc/passwd", "https://", "https:///x",
        "https://a.example:99999/", "https://a.example:x/", "https://user:pw@a.example/",
        "https://user@a.example/", "https://[::1/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_no_request_can_go_to_is_refused(url):
    with pytest.raises(InvalidUrlError):
        split_url(url)


def test_a_refused_url_does_not_repeat_its_credentials():
    with pytest.raises(InvalidUrlError) as raised:
        split_url("https://user:hunter2@a.example/")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("origin", "authority"),
    [
        (Origin("http", "a.example", 80), "a.example"),
        (Origin("http", "a.example", 443), "a.example:443"),
        (Origin("https", "a.example", 443), "a.example"),
        (Origin("https", "::1", 8443), "[::1]:8443"),
        (Origin("http", "::1", 80), "[::1]"),
    ],
)
def test_the_port_is_named_only_where_it_is_not_the_schemes_own(origin, authority):
    assert origin.authority == authority
    assert split_url(f"{origin}/")[0] == origin


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("/a/b?c=d&e=f;g", b"/a/b?c=d&e=f;g"),
        ("/a b", b"/a%20b"),
        ("/ä", b"/%C3%A4"),
        ("/%20", b"/%20"),
        ("/a\r\nHost: evil", b"/a%0D%0AHost:%20evil"),
        ('/{x}|^`<>"\\', b"/%7Bx%7D%7C%5E%60%3C%3E%22%5C"),
    ],
)
def test_only_what_may_not_stand_in_a_target_is_escaped(text, target):
    assert encode_target(text) == target


ORIGIN = Origin("http", "a.example", 8080)


def test_a_request_is_written_with_its_host_and_without_a_body():
    request = Request(ORIGIN, "GET", b"/x", b"Accept: */*\r\n", None)
    assert request.encode((b"Cookie: a=1\r\n",)) == (
        b"GET /x HTTP/1.1\r\nHost: a.example:8080\r\nAccept: */*\r\nCookie: a=1\r\n\r\n"
    )


@pytest.mark.parametrize("body", [b"", b"abc", "ä€😀".encode()])
def test_the_content_length_is_that_of_the_bytes(body):
    encoded = Request(ORIGIN, "POST", b"/x", b"", body).encode()
    head, _, sent = encoded.partition(b"\r\n\r\n")
    assert sent == body
    assert head.endswith(b"\r\nContent-Length: %d" % len(body))
