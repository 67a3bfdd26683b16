"""The cookie jar, after RFC 6265: what is stored, what goes with which request, what is ignored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.protocols.http.cookies import CookieJar
from wedload.workload.request import Origin

NOW_S = 1_700_000_000.0  # 2023-11-14 22:13:20 UTC
HTTPS = Origin("https", "www.wedsync.example", 443)
HTTP = Origin("http", "www.wedsync.example", 80)


def jar_with(*headers: str, origin: Origin = HTTPS, path: str = "/a/b/c") -> CookieJar:
    jar = CookieJar()
    for header in headers:
        jar.store(origin, path, header, NOW_S)
    return jar


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("a=1", {"a": "1"}),
        ("  a  =  1  ", {"a": "1"}),
        ("a=1=2", {"a": "1=2"}),
        ("a=", {"a": ""}),
        ('a="b c"', {"a": '"b c"'}),  # quotes are part of the value
        ("a=1; HttpOnly; SameSite=Lax; Unknown=x", {"a": "1"}),
        ("a=1;", {"a": "1"}),
        ("a", {}),
        ("", {}),
        ("=1", {}),
        ("; a=1", {}),
        ("a=1; Domain", {"a": "1"}),
        ("a=1; domain=WWW.WEDSYNC.EXAMPLE; PATH=/a", {"a": "1"}),
    ],
)
def test_a_set_cookie_header_is_read_or_ignored(header, cookies):
    assert jar_with(header).matching(HTTPS, "/a/b/c", NOW_S) == cookies


@pytest.mark.parametrize(
    ("set_by", "domain", "asked", "sent"),
    [
        ("www.wedsync.example", None, "www.wedsync.example", True),
        ("www.wedsync.example", None, "WWW.wedsync.example", True),
        ("www.wedsync.example", None, "api.www.wedsync.example", False),  # host-only
        ("www.wedsync.example", None, "wedsync.example", False),
        ("www.wedsync.example", "wedsync.example", "www.wedsync.example", True),
        ("www.wedsync.example", "wedsync.example", "wedsync.example", True),
        ("www.wedsync.example", "wedsync.example", "api.wedsync.example", True),
        ("www.wedsync.example", ".wedsync.example", "api.wedsync.example", True),
        ("www.wedsync.example", "wedsync.example", "notwedsync.example", False),
        ("www.wedsync.example", "other.example", "other.example", False),  # not its own
        ("www.wedsync.example", "other.example", "www.wedsync.example", False),
        ("wedsync.example", "www.wedsync.example", "www.wedsync.example", False),
        ("notwedsync.example", "wedsync.example", "wedsync.example", False),
        ("127.0.0.1", None, "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "0.0.1", "127.0.0.1", False),  # addresses have no subdomains
        ("127.0.0.1", "0.0.1", "9.0.0.1", False),
        ("::1", None, "::1", True),
    ],
)
def test_a_cookie_goes_to_its_domain_only(set_by, domain, asked, sent):
    header = "a=1" if domain is None else f"a=1; Domain={domain}"
    jar = jar_with(header, origin=Origin("http", set_by, 80), path="/")
    assert bool(jar.matching(Origin("http", asked, 80), "/", NOW_S)) is sent


def test_a_cookie_goes_to_every_port_of_its_host():
    jar = jar_with("a=1", origin=Origin("http", "localhost", 8000), path="/")
    assert jar.matching(Origin("http", "localhost", 9000), "/", NOW_S) == {"a": "1"}


@pytest.mark.parametrize(
    ("set_at", "path", "asked", "sent"),
    [
        ("/a/b/c", None, "/a/b", True),  # the default path is the folder
        ("/a/b/c", None, "/a/b/x", True),
        ("/a/b/c", None, "/a", False),
        ("/a", None, "/", True),
        ("/", None, "/x", True),
        ("/a", "/a", "/a", True),
        ("/a", "/a", "/a/b", True),
        ("/a", "/a", "/ab", False),
        ("/a", "/a/", "/a/b", True),
        ("/a", "/a/", "/a", False),
        ("/a", "/A", "/a", False),
        ("/a/b/c", "x", "/a/b/c", True),  # no absolute path: as if there were none
        ("/a/b/c", "", "/a", False),
        ("/a", "/other", "/other", True),
    ],
)
def test_a_cookie_goes_to_its_path_only(set_at, path, asked, sent):
    header = "a=1" if path is None else f"a=1; Path={path}"
    assert bool(jar_with(header, path=set_at).matching(HTTPS, asked, NOW_S)) is sent


def test_a_secure_cookie_does_not_go_over_plain_http():
    jar = jar_with("a=1; Secure", "b=2")
    assert jar.matching(HTTPS, "/a/b", NOW_S) == {"a": "1", "b": "2"}
    assert jar.matching(HTTP, "/a/b", NOW_S) == {"b": "2"}


@pytest.mark.parametrize(
    ("attributes", "lasts_s"),
    [
        ("", None),
        ("Max-Age=60", 60),
        ("Max-Age=0", 0),
        ("Max-Age=-1", 0),
        ("Max-Age=--1", None),
        ("Max-Age=x", None),
        ("Max-Age=", None),
        ("Max-Age=²", None),
        ("Max-Age=99999999999999999999999", None),
        ("Max-Age=x; Expires=Tue, 14 Nov 2023 22:14:20 GMT", 60),
        ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 60),  # Max-Age wins
        ("Max-Age=10; Max-Age=60", 60),  # the last one counts
        ("Expires=Tue, 14 Nov 2023 22:14:20 GMT", 60),
        ("Expires=Tue, 14-Nov-2023 22:14:20 GMT", 60),
        ("Expires=Tue, 14-Nov-23 22:14:20 GMT", 60),
        ("Expires=Tue Nov 14 22:14:20 2023", 60),  # asctime: UTC, whatever the zone of the machine
        ("Expires=Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Expires=soon", None),
        ("Expires=", None),
        ("Expires=Tue, 99 Nov 2023 22:14:20 GMT", None),
    ],
)
def test_a_cookie_lasts_as_long_as_it_says(attributes, lasts_s):
    jar = jar_with(f"a=1; {attributes}", path="/")
    if lasts_s is None:
        assert jar.matching(HTTPS, "/", NOW_S + 1e9) == {"a": "1"}
    else:
        assert bool(jar.matching(HTTPS, "/", NOW_S + lasts_s - 1)) is (lasts_s > 0)
        assert jar.matching(HTTPS, "/", NOW_S + lasts_s) == {}


@pytest.mark.parametrize("attribute", ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_cookie_that_has_expired_deletes_the_one_that_is_there(attribute):
    jar = jar_with("a=1", "b=2", f"a=; {attribute}")
    assert (len(jar), jar.matching(HTTPS, "/a/b", NOW_S)) == (1, {"b": "2"})


def test_only_the_cookie_of_the_same_path_and_domain_is_deleted():
    jar = jar_with("a=1", "a=x; Path=/; Max-Age=0", "a=x; Domain=wedsync.example; Max-Age=0")
    assert jar.matching(HTTPS, "/a/b", NOW_S) == {"a": "1"}


def test_a_cookie_replaces_the_one_of_the_same_name_path_and_domain():
    jar = jar_with("a=1", "a=2")
    assert (len(jar), jar.matching(HTTPS, "/a/b", NOW_S)) == (1, {"a": "2"})


def test_the_header_has_longer_paths_first_and_all_cookies_of_a_name():
    jar = jar_with("a=1; Path=/", "b=2; Path=/a/b", "a=3; Path=/a", "c=4; Path=/")
    assert jar.header(HTTPS, "/a/b", NOW_S) == b"Cookie: b=2; a=3; a=1; c=4\r\n"
    assert jar.matching(HTTPS, "/a/b", NOW_S) == {"a": "3", "b": "2", "c": "4"}


def test_there_is_no_header_without_a_cookie():
    assert CookieJar().header(HTTPS, "/") == b""
    assert jar_with("a=1; Path=/x").header(HTTPS, "/", NOW_S) == b""


def test_values_are_told_by_the_names_of_cookies():
    assert jar_with("a=1; Path=/x", "b=2").values() == {"a": "1", "b": "2"}


ATTRIBUTE = st.sampled_from(["Max-Age", "Expires", "Domain", "Path", "Secure", "SameSite", ""])
TEXT = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)


@given(TEXT, st.lists(st.tuples(ATTRIBUTE, TEXT)), st.text(max_size=5))
def test_no_set_cookie_header_is_an_error(pair, attributes, path):
    jar = CookieJar()
    jar.store(HTTP, f"/{path}", "; ".join([pair, *(f"{k}={v}" for k, v in attributes)]), NOW_S)
    header = jar.header(HTTP, f"/{path}", NOW_S)
    assert header == b"" or (header.startswith(b"Cookie: ") and header.count(b"\n") == 1)


@given(st.text("0123456789 :,-+JanFebGMTUTC", max_size=40))
def test_no_date_is_an_error(text):
    CookieJar().store(HTTP, "/", f"a=1; Expires={text}", NOW_S)


def test_a_jar_keeps_the_newest_of_too_many_cookies():
    jar = jar_with(*(f"c{number}=1" for number in range(1_000)))

    assert len(jar) == 300
    kept = jar.matching(HTTPS, "/a/b/c", NOW_S)
    assert set(kept) == {f"c{number}" for number in range(700, 1_000)}


def test_a_cookie_that_is_too_long_is_ignored():
    assert len(jar_with(f"a={'x' * 4_094}")) == 1
    assert len(jar_with(f"a={'x' * 4_095}")) == 0


def test_an_origin_may_be_at_home_at_another_whose_cookies_it_gets():
    gateway = Origin("http", "127.0.0.1", 10_000)
    jar = CookieJar({gateway: HTTPS})
    jar.store(HTTPS, "/a", "at=home; Secure", NOW_S)
    jar.store(gateway, "/a", "from=the gateway; Domain=wedsync.example", NOW_S)

    both = {"at": "home", "from": "the gateway"}
    assert jar.matching(HTTPS, "/b", NOW_S) == jar.matching(gateway, "/b", NOW_S) == both
    assert jar.matching(Origin("http", "127.0.0.1", 10_001), "/b", NOW_S) == {}
