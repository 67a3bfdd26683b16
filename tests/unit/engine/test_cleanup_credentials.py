"""Clean-up (`engine/cleanup.py`) that is asked for Digest credentials, in virtual time."""

from __future__ import annotations

import hashlib
import re

import pytest

from wedload.engine.identity import SignedIn

PASSWORD = "open sesame"
PLAN = """
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "DURATION"
workflow = "visit"
[[workflows.visit]]
name = "create"
http = "POST /forms"
auth = { digest = { user = "ann", password = "${env.WEDLOAD_KEY}" } }
capture = { id = "json.id" }
cleanup = "DELETE /forms/${id}"
"""


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def guarded(answer, uses: int = 1000):
    """Creates for anybody; deletes for who answers a nonce, which is good for some requests."""
    used: dict[str, int] = {}
    created = iter(range(1, 1000))

    def answers(seen):
        if seen.request.method == "POST":
            return answer(0.1, json={"id": next(created)})
        shown = dict(re.findall(r'(\w+)="?([^",\r]*)', seen.lines.decode()))
        nonce = shown.get("nonce")
        if nonce in used and used[nonce] < uses:
            used[nonce] += 1
            assert int(shown["nc"], 16) == used[nonce]  # in order, and each once
            secret, what = md5(f"ann:shop:{PASSWORD}"), md5(f"DELETE:{seen.path}")
            if shown["response"] == md5(
                f"{secret}:{nonce}:{shown['nc']}:{shown['cnonce']}:auth:{what}"
            ):
                return answer(0.1, status=204)
        stale = ", stale=true" if used.get(nonce) == uses else ""
        fresh = f"nonce-{len(used)}"
        used[fresh] = 0
        challenge = f'Digest realm="shop", qop="auth", nonce="{fresh}"{stale}'
        return answer(0.1, status=401, headers={"WWW-Authenticate": challenge})

    return answers


@pytest.fixture
def cleaned_up(stage, answer):
    """Run the plan and its clean-up: the run, and what clean-up counted."""

    def play(duration: str = "9950ms", password: str = PASSWORD, **server):
        plan = PLAN.replace("DURATION", duration)
        run = stage.play(plan, guarded(answer, **server), env={"WEDLOAD_KEY": password})
        count, _ = stage.clean_up(run)
        assert count.created == run.count("http_reqs", step="create")
        return run, count

    return play


def test_a_challenge_is_answered_and_its_nonce_shown_until_the_end(cleaned_up):
    run, count = cleaned_up()

    assert count.deleted == count.created > 100
    # one challenge for each of its connections; a challenge is no failure
    assert run.outcomes("http_reqs", scenario="cleanup") == {"ok": count.created + 16}


def test_a_stale_nonce_is_replaced(cleaned_up):
    run, count = cleaned_up(uses=3)

    assert count.deleted == count.created > 100
    challenges = run.count("http_reqs", scenario="cleanup") - count.created
    assert count.created / 3 <= challenges <= count.created / 3 + 16


def test_what_wrong_credentials_leave_says_so(cleaned_up):
    run, count = cleaned_up("950ms", password="a wrong one")

    assert count.leaked == count.created > 10
    assert count.reasons == {
        "status 401: its answer was refused, so the user or password of auth (digest) is wrong": (
            count.leaked
        )
    }
    assert run.outcomes("http_reqs", scenario="cleanup")["status"] == count.leaked
    assert not any("a wrong one" in note for note in run.notes)


def test_a_challenge_that_nobody_can_answer_says_so(stage, answer):
    challenge = {"WWW-Authenticate": 'Digest realm="shop", nonce="n", algorithm=SHA-512-256'}

    def answers(seen):
        if seen.request.method == "POST":
            return answer(0.1, json={"id": 1})
        return answer(0.1, status=401, headers=challenge)

    run = stage.play(PLAN.replace("DURATION", "50ms"), answers, env={"WEDLOAD_KEY": "k"})
    count, _ = stage.clean_up(run)

    assert count.reasons == {
        "status 401: there was no Digest challenge that could be answered": count.leaked
    }
    assert count.leaked == count.created > 0


def test_what_is_to_be_deleted_shares_credentials_and_sessions(stage, answer):
    plan = PLAN.replace("DURATION", "950ms").replace('"ann"', '"a-${vu}"')
    run = stage.play(plan, guarded(answer), env={"WEDLOAD_KEY": PASSWORD})

    entries = run.engine._shared.cleanup._deletions
    assert len(entries) > 10
    for values in ([one.session for one in entries], [one.credentials for one in entries]):
        assert len({id(value) for value in values}) == 2  # those of its virtual users
    assert {type(one.session) for one in entries} == {SignedIn}
