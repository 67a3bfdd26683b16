"""Sealing requests and values, and the way back."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote_plus

import orjson
import pytest

from wedload.safety.journal.seal import Sealer, UntoldError
from wedload.safety.journal.unseal import NotSealedError, Unsealer, sources_in
from wedload.workload.request import FileContent, Origin, Request, StreamedBody

KEY = 'k3y/with "quotes" & é'
PASSWORD = "correct horse"
SECRETS = {("env", "FORMS_KEY"): KEY, ("file", "planner"): PASSWORD, ("env", "SHORT"): "abc"}
HERE = Origin("http", "127.0.0.1", 8000)


@pytest.fixture
def sealer():
    return Sealer(SECRETS)


def basic(text):
    return b64encode(text.encode()).decode()


def had_back(sealed):
    return Unsealer(SECRETS).text(orjson.loads(orjson.dumps(sealed)))


@pytest.mark.parametrize(
    ("text", "sealed"),
    [
        (b"", ""),
        (b"/api/forms/7", "/api/forms/7"),
        (KEY.encode(), [{"env": "FORMS_KEY"}]),
        (
            b"/x?key=k3y%2Fwith%20%22quotes%22%20%26%20%C3%A9&page=2",
            ["/x?key=", {"env": "FORMS_KEY", "as": "percent"}, "&page=2"],
        ),
        (
            b"/x?key=k3y%2fwith%20%22quotes%22%20%26%20%c3%a9",
            ["/x?key=", {"env": "FORMS_KEY", "as": "percent-small"}],
        ),
        (f"a={quote_plus(KEY)}".encode(), ["a=", {"env": "FORMS_KEY", "as": "form"}]),
        (
            orjson.dumps({"key": KEY}),
            ['{"key":"', {"env": "FORMS_KEY", "as": "json"}, '"}'],
        ),
        (
            b"password=correct+horse&again=correct horse",
            ["password=", {"file": "planner", "as": "form"}, "&again=", {"file": "planner"}],
        ),
        (b"abcabc", "abcabc"),  # too short to be a secret
        (b"\xff\x00", [{"bytes": "/wA="}]),
        (b"\xffcorrect horse", [{"bytes": "/w=="}, {"file": "planner"}]),
    ],
)
def test_a_secret_becomes_a_reference_in_each_form_that_a_request_may_have_it_in(
    sealer, text, sealed
):
    assert sealer.text(text) == sealed
    assert had_back(sealed) == text


def test_the_longest_secret_is_found_first_where_one_begins_another():
    secrets = {("env", "A"): "word", ("env", "B"): "wordpress"}
    sealed = Sealer(secrets).text(b"word wordpress")

    assert sealed == [{"env": "A"}, " ", {"env": "B"}]
    assert Unsealer(secrets).text(sealed) == b"word wordpress"


@pytest.mark.parametrize("before", ["", "u:", "user:"])
def test_a_secret_within_base64_is_not_told(sealer, before):
    with pytest.raises(UntoldError):
        sealer.text(f"/files/{basic(f'{before}{PASSWORD}!')}".encode())


def test_what_json_would_write_like_a_secret_is_written_another_way():
    secrets = {("env", "A"): r"\nword"}
    sealed = Sealer(secrets).text(b"a\nword")

    assert b"\\nword" not in orjson.dumps(sealed)
    assert Unsealer(secrets).text(sealed) == b"a\nword"


@pytest.mark.parametrize(
    ("line", "sealed"),
    [
        ("Accept: */*", "Accept: */*"),
        ("Idempotency-Key: 7f0a", "Idempotency-Key: 7f0a"),
        (f"X-Api-Key: {PASSWORD}", ["X-Api-Key: ", {"file": "planner"}]),
        (f"Authorization: Bearer {PASSWORD}", ["Authorization: Bearer ", {"file": "planner"}]),
        (
            f"Authorization: Basic {basic(f'planner:{PASSWORD}')}",
            ["Authorization: Basic ", {"basic": ["planner:", {"file": "planner"}]}],
        ),
        ("X-Token: ", "X-Token: "),
    ],
)
def test_a_header_line_is_told_if_its_credential_is_made_of_references(sealer, line, sealed):
    request = Request(HERE, "GET", b"/", f"{line}\r\n".encode(), None)

    assert sealer.shape(request)["head"] == [sealed]
    assert had_back(sealed) == line.encode()


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln",
        f"Authorization: Bearer {PASSWORD}-and-more",
        f"Authorization: Basic {basic('planner:hunter2')}",
        "Authorization: Basic not*base64",
        "Cookie: session=7f0a",
        "X-Access-Token: 7f0a",
        f"X-Api-Key: one {PASSWORD} two",
    ],
)
def test_a_header_line_that_shows_a_token_is_not_told(sealer, line):
    with pytest.raises(UntoldError):
        sealer.shape(Request(HERE, "DELETE", b"/", f"{line}\r\n".encode(), None))


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (b"/forms/7?page=2", True),
        (b"/forms/7?token=", True),
        (b"/forms/7?token=correct%20horse", True),
        (b"/forms/7?token=correct+horse", True),
        (b"/forms/7?page=2&token=7f0a", False),
        (b"/forms/7?api%5Fkey=7f0a", False),
        (b"/forms/7?token=correct%20horse7", False),
    ],
)
def test_a_parameter_is_told_if_it_is_no_token(sealer, target, told):
    if told:
        assert had_back(sealer.target(target)) == target
    else:
        with pytest.raises(UntoldError):
            sealer.target(target)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"email":"a@example.com","password":"of the plan"}', True),
        (b'{"refresh_token":"correct horse"}', True),
        (b'{"refresh_token":"7f0a"}', False),
        (b'[{"who":{"jwt":"7f0a"}}]', False),
        (b"grant_type=password&password=x", True),
        (b"grant_type=refresh&refresh_token=7f0a", False),
        (b"grant_type=refresh&refresh_token=correct+horse", True),
        (b"{not json", True),
        (b"\xff\xfe\x00", True),
    ],
)
def test_a_body_is_told_if_it_holds_no_token(sealer, body, told):
    request = Request(HERE, "POST", b"/sign-in", b"", body)
    if told:
        sealed = sealer.request(request)
        assert Unsealer(SECRETS).request(sealed, sealed["at"]).encode() == request.encode()
    else:
        with pytest.raises(UntoldError):
            sealer.request(request)


@pytest.mark.parametrize(
    "request_",
    [
        Request(HERE, "PUT", b"/", b"", StreamedBody((FileContent("/tmp/a", 1),))),
        Request(HERE, "GET", b"/", b"Accept: */*", None),
        Request(Origin("http", "in/valid", 80), "GET", b"/", b"", None),
    ],
    ids=["a body on disk", "half a header line", "a host that no URL has"],
)
def test_what_would_not_be_had_back_is_not_told(sealer, request_):
    with pytest.raises(UntoldError):
        sealer.request(request_)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("form_id", "7"),
        ("count", 7),
        ("big", 1 << 70),
        ("nothing", None),
        ("venue", {"name": "Rosewood", "rooms": [1, 2.5, True], "door code": PASSWORD}),
        ("api_key", PASSWORD),
        ("label", KEY),
    ],
)
def test_a_variable_is_had_back_as_it_was(sealer, name, value):
    sealed = sealer.value(name, value)

    assert PASSWORD.encode() not in orjson.dumps(sealed)
    assert Unsealer(SECRETS).value(sealed) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access_token", "7f0a"),
        ("session", {"access_token": "7f0a"}),
        ("sessions", [{"token": "7f0a"}]),
        ("raw", b"bytes"),
        ("pairs", (1, 2)),
        ("odd", float("nan")),
    ],
)
def test_a_variable_that_is_a_token_or_no_json_is_not_told(sealer, name, value):
    with pytest.raises(UntoldError):
        sealer.value(name, value)


def test_a_secret_that_is_not_there_any_more_is_named(sealer):
    sealed = sealer.text(b"/" + KEY.encode())

    with pytest.raises(KeyError) as raised:
        Unsealer({}).text(sealed)
    assert raised.value.args == (("env", "FORMS_KEY"),)


def test_what_a_record_refers_to_is_known_before_it_is_unsealed(sealer):
    line = f"Authorization: Basic {basic(f'planner:{PASSWORD}')}\r\n".encode()
    record = {
        "ask": sealer.request(Request(HERE, "GET", b"/" + KEY.encode(), line, None)),
        "vars": {"file": "a variable may be called so", "env": ["x"]},
    }

    assert set(sources_in(record)) == {("env", "FORMS_KEY"), ("file", "planner")}


@pytest.mark.parametrize("sealed", [7, None, {"env": "FORMS_KEY"}, [7], [{"what": "is this"}]])
def test_what_is_not_sealed_is_refused(sealed):
    with pytest.raises(NotSealedError):
        Unsealer(SECRETS).text(sealed)
