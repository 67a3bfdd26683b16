"""Clean-up on a server that wants Digest credentials, in whole runs."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import count

import pytest

PASSWORD = "correct-horse-battery"
SCENARIO = 'executor = "constant-vus"\nvus = 3\nduration = "1s"\npace = "50ms"'
DIGEST = 'auth = { digest = { user = "ann", password = "${env.WEDLOAD_PASSWORD}" } }\n'
CREATE = """
[[workflows.visit]]
name = "create"
http = "POST /forms"
capture = { id = "json.id" }
cleanup = "DELETE /forms/${id}"
"""


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Guard:
    """Lets in who answers a nonce of its own; a nonce is good for some requests, in their order."""

    def __init__(self, reply, *, uses: int = 10_000, only: str = "", password: str = PASSWORD):
        self._reply = reply
        self._uses, self._only, self._password = uses, only, password
        self._used: dict[str, int] = {}
        self._numbers = count(1)
        self.there: set[str] = set()  # paths of what was created and not deleted

    def __call__(self, seen):
        if seen.method.startswith(self._only):
            nonce = self._nonce_of(seen)
            if nonce is None:
                fresh = f"nonce-{len(self._used)}"
                self._used[fresh] = 0
                return self._reply(401, headers={"WWW-Authenticate": (
                    f'Digest realm="shop", qop="auth", algorithm=SHA-256, nonce="{fresh}"'
                )})  # fmt: skip
        if seen.method == "POST":
            number = next(self._numbers)
            self.there.add(f"/forms/{number}")
            return self._reply(201, b'{"id": %d}' % number)
        self.there.remove(seen.target)
        return self._reply(204, b"")

    def _nonce_of(self, seen) -> str | None:
        """The nonce that a request has answered rightly."""
        line = seen.headers.get("authorization", "")
        shown = dict(re.findall(r'(\w+)="?([^",]*)', line))
        nonce = shown.get("nonce", "")
        if self._used.get(nonce, self._uses) >= self._uses:
            return None
        self._used[nonce] += 1
        secret = sha(f"ann:shop:{self._password}")
        middle = f"{nonce}:{self._used[nonce]:08x}:{shown['cnonce']}:auth"
        right = sha(f"{secret}:{middle}:{sha(f'{seen.method}:{seen.target}')}")
        return nonce if shown["response"] == right else None


@pytest.mark.parametrize("client", ["wire", "aiohttp"])
@pytest.mark.parametrize("of", ["step", "identity", "target"])
def test_what_was_created_with_credentials_is_deleted_with_them(
    run, server, plan_for, reply, of, client
):
    server.handle = guard = Guard(reply, uses=7)
    plan = plan_for(SCENARIO, CREATE, f'[http]\nclient = "{client}"\n')
    if of == "step":
        plan = plan.replace('http = "POST /forms"\n', f'http = "POST /forms"\n{DIGEST}')
    elif of == "target":
        plan = plan.replace(f'base_url = "{server.url}"\n', f'base_url = "{server.url}"\n{DIGEST}')
    else:
        plan = plan.replace('http = "POST /forms"\n', 'http = "POST /forms"\nas = "ann"\n')
        plan += f"[identities.ann]\n{DIGEST}"

    done = run(plan, WEDLOAD_PASSWORD=PASSWORD)

    assert done.code == 0, done.err
    created = done.result["cleanup"]["created"]
    assert done.result["cleanup"] == {
        "created": created, "deleted": created, "absent": 0, "leaked": 0, "reasons": {},
        "uncertain": 0, "swept": 0,
    }  # fmt: skip
    assert created > 10
    assert guard.there == set()
    assert done.result["validity"]["findings"] == []
    deletions = [one for one in server.requests if one.method == "DELETE"]
    challenges = sum(one.reply.status == 401 for one in deletions)
    assert 0 < challenges <= created / 7 + 16  # a nonce that was learned serves what follows
    assert PASSWORD not in done.err + str(done.result)


def test_credentials_that_clean_up_is_refused_are_named_in_the_finding(
    run, server, plan_for, reply
):
    server.handle = guard = Guard(reply, only="DELETE", password="changed since")
    plan = plan_for(SCENARIO, CREATE.replace("capture", f"{DIGEST}capture"))

    done = run(plan, WEDLOAD_PASSWORD=PASSWORD)

    left = len(guard.there)
    (finding,) = done.result["validity"]["findings"]
    assert done.result["cleanup"]["leaked"] == done.result["cleanup"]["created"] == left > 10
    assert finding["message"].startswith(
        f"Clean-up left {left} of {left} behind: status 401: its answer was refused, so the user "
        f"or password of auth (digest) is wrong ({left}); "
    )
    assert PASSWORD not in done.err + str(done.result)


def test_credentials_go_to_no_other_place_that_clean_up_leads_to(
    run, server, plan_for, reply, more_servers
):
    (other,) = more_servers(1)
    other.handle = Guard(reply)
    server.handle = lambda _: reply(201, f'{{"place": "{other.url}/forms/1"}}'.encode())
    steps = CREATE.replace('id = "json.id"', 'place = "json.place"')
    steps = steps.replace('"DELETE /forms/${id}"', f'"DELETE ${{place}}"\n{DIGEST}')

    done = run(plan_for(SCENARIO, steps), WEDLOAD_PASSWORD=PASSWORD)

    assert Counter("authorization" in one.headers for one in other.requests) == {
        False: done.result["cleanup"]["leaked"]
    }
    (reason,) = done.result["cleanup"]["reasons"]
    assert reason == (
        f"status 401: {other.url} wants credentials, and those of auth are for {server.url} alone"
    )
