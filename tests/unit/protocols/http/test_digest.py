"""Digest challenges and their answers, against the examples of the standards."""

from __future__ import annotations

import re

import pytest

from wedload.protocols.http.digest import Challenge, best_challenge, next_nonce

MUFASA = ("GET", "/dir/index.html", "Mufasa", "Circle of Life")
REALM = "http-auth@example.org"
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
BOTH = (
    f'Digest realm="{REALM}", qop="auth, auth-int", algorithm={{}}, nonce="{NONCE}", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def fields(line: bytes) -> dict[str, str]:
    assert line.startswith(b"Authorization: Digest ")
    assert line.endswith(b"\r\n")
    assert line.count(b"\n") == 1
    return {
        name: quoted or bare
        for name, quoted, bare in re.findall(
            r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\w[\w-]*))', line.decode()
        )
    }


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_section_3_9_1(algorithm, response):
    challenge = best_challenge(BOTH.format(algorithm))
    challenge.cnonce = CNONCE
    shown = fields(challenge.answer(*MUFASA))
    assert shown == {
        "username": "Mufasa", "realm": REALM, "uri": "/dir/index.html", "algorithm": algorithm,
        "nonce": NONCE, "nc": "00000001", "cnonce": CNONCE, "qop": "auth", "response": response,
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    }  # fmt: skip


def test_the_example_of_rfc_2069_as_corrected():
    challenge = best_challenge(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    shown = fields(challenge.answer("GET", "/dir/index.html", "Mufasa", "CircleOfLife"))
    assert shown["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert not {"nc", "cnonce", "qop"} & shown.keys()


@pytest.mark.parametrize("algorithm", ["MD5-sess", "SHA-256-sess"])
def test_a_session_algorithm_hashes_nonce_and_cnonce_into_its_secret(algorithm):
    plain = best_challenge(BOTH.format(algorithm.removesuffix("-sess")))
    session = best_challenge(BOTH.format(algorithm))
    session.cnonce = plain.cnonce
    answers = [fields(one.answer(*MUFASA)) for one in (plain, session)]
    assert answers[0]["response"] != answers[1]["response"]
    # H(H(user:realm:password):nonce:cnonce), by hand
    secret = session._hash(f"Mufasa:{REALM}:Circle of Life")
    secret = session._hash(f"{secret}:{NONCE}:{session.cnonce}")
    what = session._hash("GET:/dir/index.html")
    expected = session._hash(f"{secret}:{NONCE}:00000001:{session.cnonce}:auth:{what}")
    assert answers[1]["response"] == expected


def test_answers_to_one_nonce_are_counted_up():
    challenge = Challenge("r", "n")
    counts = [fields(challenge.answer(*MUFASA))["nc"] for _ in range(17)]
    assert counts[0] == "00000001"
    assert counts[-1] == "00000011"


def test_a_user_may_be_named_by_a_hash_only():
    challenge = best_challenge('Digest realm="r", nonce="n", algorithm=MD5, userhash=true')
    shown = fields(challenge.answer(*MUFASA))
    assert shown["username"] == challenge._hash("Mufasa:r")
    assert shown["userhash"] == "true"


@pytest.mark.parametrize(
    ("header", "algorithm"),
    [
        (f"{BOTH.format('MD5')}, {BOTH.format('SHA-256')}", "SHA-256"),
        (f'Basic realm="a, b=c", {BOTH.format("MD5")}', "MD5"),
        ('Negotiate, Digest nonce="n"', "MD5"),
        ('Negotiate dG9rZW4=, Digest nonce="n", algorithm=md5-sess', "md5-sess"),
        ('Digest nonce="n", algorithm=SHA-512-256, Digest nonce="n", algorithm="MD5"', "MD5"),
        ('DIGEST NONCE = "n" , QOP = "auth"', "MD5"),
        ('Digest realm="q\\"uoted", nonce="n"', "MD5"),
    ],
)
def test_the_best_challenge_that_can_be_answered_is_chosen(header, algorithm):
    challenge = best_challenge(header)
    assert challenge.algorithm == algorithm
    assert challenge.nonce in {NONCE, "n"}


@pytest.mark.parametrize(
    "header",
    [
        "", "Basic realm=x", "Digest", 'Digest realm="x"', 'Digest nonce="n", qop="auth-int"',
        'Digest nonce="n", algorithm=SHA-512-256', "=,=", '"', "Digest nonce", "\x00", "Digest ,=",
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_no_challenge(header):
    assert best_challenge(header) is None


def test_what_a_server_names_cannot_end_the_header_line():
    challenge = Challenge('r"\r\nX-Evil: 1', "n", opaque="o\r\n")
    assert fields(challenge.answer("GET", '/"\\', 'u"', "p"))["qop"] == "auth"


def test_the_next_nonce_is_read_from_authentication_info():
    assert next_nonce('qop=auth, rspauth="00", nextnonce="abc="') == "abc="
    assert next_nonce('rspauth="00"') is None
