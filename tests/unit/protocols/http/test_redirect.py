"""Which request follows a redirect."""

from __future__ import annotations

import pytest

from wedload.protocols.http.redirect import RedirectError, next_request
from wedload.workload.request import Origin, Request

HERE = Origin("http", "127.0.0.1", 8000)
HEADERS = b"Accept: */*\r\nContent-Type: application/json\r\nAuthorization: Bearer x\r\nX-A: 1\r\n"


def asked(method: str = "GET", body: bytes | None = None) -> Request:
    return Request(HERE, method, b"/a/b?c=d", HEADERS, body)


@pytest.mark.parametrize(
    ("location", "origin", "target"),
    [
        ("/x", HERE, b"/x"),
        ("x", HERE, b"/a/x"),
        ("../x", HERE, b"/x"),
        ("?e=f", HERE, b"/a/b?e=f"),
        ("/x?e=f#part", HERE, b"/x?e=f"),
        ("", HERE, b"/a/b?c=d"),
        ("http://127.0.0.1:8000/x", HERE, b"/x"),
        ("http://127.0.0.1:9000", Origin("http", "127.0.0.1", 9000), b"/"),
        ("https://localhost/x", Origin("https", "localhost", 443), b"/x"),
        ("//localhost:81/x", Origin("http", "localhost", 81), b"/x"),
        ("HTTP://LOCALHOST/X", Origin("http", "localhost", 80), b"/X"),
        ("http://[::1]:80/x", Origin("http", "::1", 80), b"/x"),
        ("/a b\"<>", HERE, b"/a%20b%22%3C%3E"),
        ("/100%25", HERE, b"/100%25"),
    ],
)  # fmt: skip
def test_a_location_is_relative_to_the_request_or_absolute(location, origin, target):
    following = next_request(asked(), 302, location)
    assert (following.origin, following.target) == (origin, target)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_a_method_and_body_follow_as_browsers_do(status, method):
    body = b"{}" if method in {"POST", "PUT"} else None
    following = next_request(asked(method, body), status, "/x")
    dropped = (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST")
    assert following.method == ("GET" if dropped else method)
    assert following.body == (None if dropped else body)
    kept_type = b"Content-Type" in following.headers
    assert kept_type is not (dropped and body is not None)
    assert b"X-A: 1\r\n" in following.headers
    assert following.encode().count(b"Content-Length") == (following.body is not None)


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("/x", True),
        ("http://127.0.0.1:8000/x", True),
        ("http://127.0.0.1:8001/x", False),
        ("https://127.0.0.1:8000/x", False),
        ("http://localhost:8000/x", False),
    ],
)
@pytest.mark.parametrize("name", [b"Authorization", b"proxy-AUTHORIZATION", b"Cookie"])
def test_credentials_stay_with_their_origin(location, kept, name):
    request = Request(HERE, "GET", b"/", b"X-A: 1\r\n" + name + b": secret\r\n", None)
    following = next_request(request, 307, location)
    assert (b"secret" in following.headers) is kept
    assert b"X-A: 1\r\n" in following.headers


@pytest.mark.parametrize(
    "location",
    [
        None,
        "ftp://127.0.0.1/x",
        "javascript:alert(1)",
        "http://[::1/x",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:99999/",
        "http://user:secret@127.0.0.1/",
    ],
)
def test_a_location_that_leads_nowhere_is_an_error_that_names_it(location):
    with pytest.raises(RedirectError, match="Location"):
        next_request(asked(), 302, location)
