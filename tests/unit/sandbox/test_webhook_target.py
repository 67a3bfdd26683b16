"""Where webhooks may be sent to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from wedload.sandbox.webhook_target import Target, parse_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (
            "http://127.0.0.1:8081/hooks?a=b",
            Target(("127.0.0.1",), 8081, "127.0.0.1", "127.0.0.1:8081", "/hooks?a=b", tls=False),
        ),
        (
            "https://localhost",
            Target(("127.0.0.1", "::1"), 443, "localhost", "localhost", "/", tls=True),
        ),
        ("http://[::1]:1", Target(("::1",), 1, "::1", "[::1]:1", "/", tls=False)),
        (
            "HTTP://LocalHost:9/?x",
            Target(("127.0.0.1", "::1"), 9, "localhost", "LocalHost:9", "/?x", tls=False),
        ),
        (
            "http://127.9.9.9/a%20b",
            Target(("127.9.9.9",), 80, "127.9.9.9", "127.9.9.9", "/a%20b", tls=False),
        ),
    ],
)
def test_url_is_taken_apart(url, target):
    assert parse_target(url) == target


@pytest.mark.parametrize(
    "host",
    [
        "example.com", "10.0.0.1", "192.0.2.1", "0.0.0.0", "169.254.169.254", "[2001:db8::1]",
        "[::]", "127.0.0.1.example.com", "localhost.example.com", "2130706433", "127.1", "0x7f.1",
        "[::ffff:10.0.0.1]", "localhost.", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "0177.0.0.1", "017700000001", "0x7f000001", "127.0.0.1.", "127.0.0.1%2eexample.com",
        "localhost%00.example.com", "[fe80::1%lo]", "[::ffff:0:7f00:1]", "[v1.x]",
    ],
)  # fmt: skip
def test_anything_that_is_not_surely_this_machine_is_refused_with_the_reason(host):
    with pytest.raises(ValueError, match="never calls outside this machine; give localhost"):
        parse_target(f"http://{host}/hooks")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "printable ASCII"),
        ("http://127.0.0.1/" + "a" * 2000, "at most 2000"),
        ("http://127.0.0.1/\r\nX-Header: 1", "printable ASCII"),
        ("http://127.0.0.1/a b", "printable ASCII"),
        ("http://127.0.0.1/ä", "printable ASCII"),
        ("ftp://127.0.0.1/", "must be a URL like http"),
        ("127.0.0.1:80", "must be a URL like http"),
        ("http:///hooks", "must be a URL like http"),
        ("http://127.0.0.1:0/", "must be a URL like http"),
        ("http://127.0.0.1:65536/", "is not a URL"),
        ("http://[::1/", "is not a URL"),
        ("http://user:secret@127.0.0.1/", "neither a user name nor a fragment"),
        ("http://127.0.0.1\\@example.com/", "neither a user name nor a fragment"),
        ("http://127.0.0.1;@example.com/", "neither a user name nor a fragment"),
        ("http://[::1]@example.com/", "neither a user name nor a fragment"),
        ("http://[::1]example.com/", "an address or localhost"),
        ("http://[::1].example.com/", "an address or localhost"),
        ("http://example.com[::1]/", "an address or localhost"),
        ("http://[::1%eth0]/", "an address or localhost"),
        ("http://[::1%251.example.com]/", "an address or localhost"),
        ("http:127.0.0.1/", "must be a URL like http"),
        ("http:/\\127.0.0.1/", "must be a URL like http"),
        ("http://127.0.0.1:+80/", "is not a URL"),
        ("http://127.0.0.1:80:81/", "is not a URL"),
        ("http://127.0.0.1/#part", "neither a user name nor a fragment"),
    ],
)
def test_what_is_no_url_to_send_to_is_refused(url, said):
    with pytest.raises(ValueError, match=said):
        parse_target(url)


@pytest.mark.parametrize(
    "host", ["[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]", "127.0.0.1", "127.9.0.1"]
)
def test_what_is_connected_to_is_an_address_of_this_machine_and_no_name_to_ask_for(host):
    [address] = parse_target(f"http://{host}:9/").addresses
    assert ip_address(address).is_loopback
    assert str(ip_address(address)) == address
