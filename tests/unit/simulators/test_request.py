import pytest

from tests.helpers.played import request_of


@pytest.mark.parametrize(
    ("target", "path", "segments"),
    [
        ("/a/b%20c?x=1", "/a/b%20c", ("a", "b c")),
        ("http://host:1/a?x=/b", "/a", ("a",)),
        ("/a/?u=http://other/", "/a/", ("a",)),
        ("/", "/", ("",)),
        ("/calendars/me%40x.example/events", "/calendars/me%40x.example/events",
         ("calendars", "me@x.example", "events")),
    ],
)  # fmt: skip
def test_the_path_is_read_without_query_and_host(target, path, segments):
    request = request_of(f"GET {target}")
    assert (request.path, request.segments) == (path, segments)


def test_parameters_are_decoded_and_too_many_are_none():
    assert request_of("GET /?a=1&b=x+y&a=2&c=").query == {"a": "2", "b": "x y", "c": ""}
    assert request_of("GET /?" + "&".join(f"p{n}=1" for n in range(1000))).query == {}


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer t", "t"), ("bearer  t ", "t"), ("Basic t", ""), ("Bearer", ""), ("", "")],
)
def test_only_a_bearer_token_is_one(header, token):
    assert request_of("GET /", headers={"authorization": header}).bearer == token


@pytest.mark.parametrize(("body", "found"), [(b'{"a":1}', {"a": 1}), (b"[1]", None), (b"{", None)])
def test_an_object_is_found_where_there_is_one(body, found):
    assert request_of("POST /", body).json_object == found


def test_text_of_odd_bytes_has_what_can_be_read():
    assert request_of("POST /", b"a\xffb").text == "a\ufffdb"
