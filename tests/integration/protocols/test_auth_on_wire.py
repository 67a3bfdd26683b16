"""`auth` of targets, identities and steps, as servers see it."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ANN = '[variables]\nuser = "Ann"\npw = "open sesame"\n'
DIGEST = 'auth = { digest = { user = "${user}", password = "${pw}" } }'
BASIC = 'auth = { basic = { user = "${user}", password = "${pw}" } }'
ANN_IN_BASIC = b"Authorization: Basic " + base64.b64encode(b"Ann:open sesame") + b"\r\n"


def unauthorized(nonce: str, more: str = "") -> bytes:
    challenge = f'Digest realm="shop", qop="auth", algorithm=SHA-256, nonce="{nonce}"{more}'
    return (
        f"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def answer_of(request: bytes) -> dict[str, str]:
    """The fields of a Digest answer; empty if there is none."""
    line = re.search(rb"\r\nAuthorization: Digest (.*?)\r\n", request)
    pairs = re.findall(r'(\w+)="?([^",]*)"?', line[1].decode()) if line else []
    return dict(pairs)


def is_right(request: bytes, password: str = "open sesame") -> bool:
    shown = answer_of(request)
    method, target = request.split(b" ")[:2]

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    secret = digest(f"Ann:shop:{password}")
    what = digest(f"{method.decode()}:{target.decode()}")
    middle = f"{shown['nonce']}:{shown['nc']}:{shown['cnonce']}:auth"
    return shown["uri"] == target.decode() and shown["response"] == digest(
        f"{secret}:{middle}:{what}"
    )


@pytest.fixture
def guarded():
    """A script that lets in who answers its nonce; a nonce is good for some requests."""

    def script(uses: int = 1000, more: str = ""):
        issued, used = [], []

        async def play(peer):
            while (request := await peer.request()) is not None:
                shown = answer_of(request)
                if shown and shown["nonce"] == issued[-1] and len(used) < uses:
                    used.append(shown["nc"])
                    await peer.send(OK if is_right(request) else unauthorized(issued[-1]))
                else:
                    issued.append(f"nonce-{len(issued)}")
                    used.clear()
                    await peer.send(unauthorized(issued[-1], more if shown else ""))

        return play

    return script


def step(name: str, *lines: str) -> str:
    return "\n".join([f'name = "{name}"', f'http = "GET /{name}?q=1"', *lines])


async def test_a_challenge_is_answered_by_a_second_request_and_its_nonce_is_kept(
    serve, visit, guarded
):
    server = await serve(guarded())
    quick = 'check = ["status == 200"]'
    summary = await visit(
        server, *(step(name, DIGEST, quick) for name in ("a", "b", "c")), before=ANN
    )
    answers = [answer_of(request) for request in server.requests]
    assert [answer.get("nc") for answer in answers] == [None, "00000001", "00000002", "00000003"]
    assert all(is_right(request) for request in server.requests[1:])
    assert summary.outcomes("http_reqs") == {"ok": 4}  # the challenge is a request of its own
    assert summary.outcomes("checks") == {"pass": 3}
    assert summary.outcomes("iterations") == {"ok": 1}
    assert server.connections == 1


@pytest.mark.parametrize("more", [", stale=true", ""], ids=["says so", "does not say"])
async def test_a_nonce_that_is_used_up_is_replaced(serve, visit, guarded, more):
    server = await serve(guarded(uses=2, more=more))
    steps = [step(name, DIGEST) for name in "abcde"]
    summary = await visit(server, *steps, before=ANN)
    assert summary.outcomes("http_reqs") == {"ok": 8}  # five, and three challenges
    assert summary.outcomes("iterations") == {"ok": 1}


async def test_a_nonce_that_the_server_names_beforehand_saves_the_challenge(
    serve, visit, answering
):
    told = OK.replace(b"\r\n\r\n", b'\r\nAuthentication-Info: nextnonce="n2"\r\n\r\n')
    server = await serve(answering(unauthorized("n1"), told, OK))
    summary = await visit(server, step("a", DIGEST), step("b", DIGEST), before=ANN)
    answers = [answer_of(request) for request in server.requests]
    assert [(a.get("nonce"), a.get("nc")) for a in answers] == [
        (None, None), ("n1", "00000001"), ("n2", "00000001"),
    ]  # fmt: skip
    assert summary.outcomes("http_reqs") == {"ok": 3}


async def test_wrong_credentials_are_a_failure_after_one_answer(serve, visit, guarded):
    server = await serve(guarded())
    wrong = ANN.replace("open sesame", "wrong")
    summary = await visit(server, step("a", DIGEST), before=wrong)
    assert len(server.requests) == 2
    assert summary.outcomes("http_reqs") == {"ok": 1, "status": 1}
    assert not any("wrong" in note for note in summary.notes)


async def test_a_server_that_never_stops_asking_is_given_up(serve, visit, answering):
    server = await serve(answering(*(unauthorized(f"n{i}", ", stale=true") for i in range(9))))
    summary = await visit(server, step("a", DIGEST), before=ANN)
    assert len(server.requests) == 3
    assert summary.outcomes("http_reqs") == {"ok": 2, "status": 1}


async def test_the_challenge_of_another_origin_is_not_answered(serve, visit, answering):
    other = await serve(answering(unauthorized("n1")))
    to_other = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other.port}/\r\n"
    server = await serve(
        answering(unauthorized("n0"), f"{to_other}Content-Length: 0\r\n\r\n".encode())
    )
    summary = await visit(server, step("a", DIGEST), before=ANN)
    assert [answer_of(request) for request in other.requests] == [{}]
    assert summary.outcomes("http_reqs") == {"ok": 2, "status": 1}


async def test_a_redirect_within_the_origin_is_answered_for_its_own_target(serve, visit, guarded):
    async def play(peer):
        while (request := await peer.request()) is not None:
            if not answer_of(request):
                await peer.send(unauthorized("n"))
            elif request.startswith(b"GET /a"):
                await peer.send(b"HTTP/1.1 303 See\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")
            else:
                await peer.send(OK)

    server = await serve(play)
    summary = await visit(server, step("a", DIGEST, "redirects = 1"), before=ANN)
    assert [r.split(b" ")[1] for r in server.requests] == [b"/a?q=1", b"/a?q=1", b"/b"]
    assert all(is_right(request) for request in server.requests[1:])
    assert summary.outcomes("http_reqs") == {"ok": 3}


async def test_credentials_of_the_target_go_with_every_step_to_it(serve, visit, answering):
    other = await serve(answering(OK))
    server = await serve(answering(OK))
    elsewhere = f'name = "c"\nhttp = "GET http://127.0.0.1:{other.port}/"'
    await visit(server, step("a"), step("b"), elsewhere, before=f"{BASIC}\n{ANN}")
    assert all(request.count(ANN_IN_BASIC) == 1 for request in server.requests)
    assert b"uthorization" not in other.requests[0]


async def test_digest_of_the_target_serves_signing_in_too(serve, visit, guarded):
    server = await serve(guarded())
    couple = '[identities.couple]\nhttp = "POST /sign-in"\nheaders = { X-As = "couple" }\n'
    summary = await visit(server, step("a", 'as = "couple"'), before=f"{DIGEST}\n{ANN}{couple}")
    assert [r.split(b" ")[1] for r in server.requests] == [b"/sign-in", b"/sign-in", b"/a?q=1"]
    assert all(is_right(request) for request in server.requests[1:])
    assert summary.outcomes("http_reqs") == {"ok": 3}


async def test_credentials_of_an_identity_know_its_captures(serve, visit, answering):
    told = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"t": "t-123"}'[:-1]
    server = await serve(answering(told.replace(b"13", b"14") + b"}", OK))
    couple = (
        '[identities.couple]\nhttp = "POST /sign-in"\ncapture = { token = "json.t" }\n'
        'auth = { bearer = "${token}" }\n'
    )
    await visit(server, step("a", 'as = "couple"'), before=f"{ANN}{couple}")
    assert b"uthorization" not in server.requests[0]
    assert server.requests[1].count(b"Authorization: Bearer t-123\r\n") == 1


async def test_digest_of_an_identity_is_answered_as_it(serve, visit, guarded):
    server = await serve(guarded())
    couple = f"[identities.couple]\n{DIGEST}\n"
    summary = await visit(server, step("a", 'as = "couple"'), before=f"{ANN}{couple}")
    assert is_right(server.requests[1])
    assert summary.outcomes("http_reqs") == {"ok": 2}


async def test_credentials_of_a_step_outrank_those_of_its_identity_and_target(
    serve, visit, answering
):
    server = await serve(answering(OK))
    before = (
        "auth = { bearer = \"${'of the target'}\" }\n"
        f"{ANN}[identities.couple]\n" + "auth = { bearer = \"${'of the identity'}\" }\n"
    )
    await visit(
        server,
        step("a", 'as = "couple"', BASIC),
        step("b", 'as = "couple"'),
        step("c"),
        step("d", 'as = "couple"', 'headers = { authorization = "own" }'),
        before=before,
    )
    lines = [
        [line for line in request.split(b"\r\n") if line.lower().startswith(b"authorization")]
        for request in server.requests
    ]
    assert lines == [
        [ANN_IN_BASIC.strip()],
        [b"Authorization: Bearer of the identity"],
        [b"Authorization: Bearer of the target"],
        [b"authorization: own"],
    ]
