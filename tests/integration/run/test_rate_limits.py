"""Limits by known answers: a server that stamps what it tells, and what it is asked after that."""

from __future__ import annotations

import time
from collections import Counter

from tests.helpers.sandboxes import KEYS, sandbox

SIGNED_IN = """
[identities.guest]
http = "POST /sign-in"
headers = { X-User = "${vu}" }
"""
STEPS = """
[[workflows.visit]]
name = "create"
http = "POST /items"
as = "guest"
cleanup = "DELETE /items"
retry = { attempts = 2, on = [503], base = "10ms" }
[[workflows.visit]]
name = "moved"
http = "GET /moved"
headers = { X-User = "${vu}" }
[[workflows.visit]]
name = "talk"
ws = "/socket"
headers = { X-User = "${vu}" }
send = "hello"
within = "5s"
"""


#: what is limited for each user, whose number leaves so much over; some deletions for all
LIMITED = ("POST /items", "GET /moved", "GET /there", "GET /socket")


class Limits:
    """Tells each user to wait for a second now and then, and notes who does not."""

    def __init__(self, reply) -> None:
        self._reply = reply
        self._until_s: dict[str, float] = {}
        self._deleted = 0
        self.told: Counter[str] = Counter()
        self.early: list[tuple[str, str]] = []

    def __call__(self, seen):
        user, now_s = seen.headers.get("x-user", "nobody yet"), time.perf_counter()
        what = f"{seen.method} {seen.target}"
        # of several connections at the same time nobody here knows which of them has read what
        if now_s < self._until_s.get(user, 0.0) and seen.method != "DELETE":
            self.early.append((user, what))
        self._deleted += seen.method == "DELETE"
        limited = self._deleted % 8 == 1 if seen.method == "DELETE" else (
            user.isdigit() and what == LIMITED[int(user) % len(LIMITED)]
        )  # fmt: skip
        if limited:
            self.told[what] += 1
            self._until_s[user] = now_s + 1
            status = 429 if self.told.total() % 2 else 503
            return self._reply(status, headers={"Retry-After": "1"})
        if seen.target == "/moved":
            return self._reply(302, headers={"Location": "/there"})
        return self._reply()


def test_nobody_who_was_told_to_wait_asks_before_it_may(run, server, plan_for, reply):
    server.handle = limits = Limits(reply)
    scenario = 'executor = "constant-vus"\nvus = 6\nduration = "1500ms"'

    done = run(plan_for(scenario, STEPS, SIGNED_IN), "--workers", 2)

    assert set(limits.told) == {*LIMITED, "DELETE /items"}
    assert limits.early == []
    whole = done.result["rate_limits"]
    of_clean_up = done.step("clean up")["metrics"]
    waits = [whole["waits"], of_clean_up.get("rate_limit_waits", {"count": 0})["count"]]
    assert sum(waits) == limits.told.total()
    assert whole["waited_s"] > 0
    assert done.count("ws_limited") == limits.told["GET /socket"]
    assert whole["limited"] == done.count("http_limited") + done.count("ws_limited")
    assert done.result["cleanup"]["leaked"] == 0
    assert "rate-limited" in [one["kind"] for one in done.result["validity"]["findings"]]
    assert "for it, as they were told" in " ".join(done.err.split())


OF_SANDBOX = """
schema = 1
name = "limited"
[targets.sandbox]
base_url = "{url}"
[identities.supplier]
http = "POST /api/auth/supplier"
json = {{ email = "${{synthetic.email()}}", key = "${{env.WEDLOAD_SUPPLIER_KEY}}" }}
capture = {{ token = "json.token" }}
headers = {{ Authorization = "Bearer ${{token}}" }}
[scenarios.main]
executor = "per-vu-iterations"
vus = 2
iterations = 6
workflow = "visit"
[[workflows.visit]]
name = "create"
http = "POST /api/forms/intake"
as = "supplier"
json = {{ title = "x", fields = "${{synthetic.intake_fields()}}" }}
capture = {{ form_id = "json.id" }}
cleanup = "DELETE /api/forms/${{form_id}}"
"""


def test_waits_are_as_many_as_the_sandbox_has_told(run):
    with sandbox("--rate-limit", "2", "--suppliers", "10") as limited:
        done = run(OF_SANDBOX.format(url=limited.url), **KEYS)
        counts = limited.counts()

    seen, rows = counts["rate_limit"], counts["rows"]
    assert (seen["early"], seen["broken"]) == (0, 0)
    told = seen["limited"]
    assert seen["obeyed"] + seen["waiting"] == told
    whole, of_clean_up = done.result["rate_limits"], done.step("clean up")["metrics"]
    waits = of_clean_up.get("rate_limit_waits", {"count": 0})["count"]
    assert whole["limited"] == whole["waits"] >= 2
    assert whole["waits"] + waits == told
    assert done.result["cleanup"]["leaked"] == rows["forms"] == 0


def test_a_highest_rate_is_kept_by_all_load_processes_from_sign_in_to_clean_up(
    run, server, plan_for, reply
):
    """By any instant no more requests have come than there were slots since before the run."""
    failed = Counter()

    def handle(seen):
        if seen.target == "/items" and seen.method == "POST":
            failed[seen.headers["x-user"]] += 1
            return reply(503 if failed[seen.headers["x-user"]] % 2 else 201)
        if seen.target == "/moved":
            return reply(302, headers={"Location": "/there"})
        return reply()

    server.handle = handle
    scenario = 'executor = "constant-arrival-rate"\nrate = "40/s"\nduration = "1s"\nmax_vus = 60'
    plan = plan_for(
        scenario,
        STEPS
        + '[[setup]]\nname = "before"\nhttp = "GET /before"\n'
        + '[[teardown]]\nname = "after"\nhttp = "GET /after"\n',
        SIGNED_IN,
    ).replace("[scenarios.main]", 'max_rate = "80/s"\n[scenarios.main]')
    began_s = time.perf_counter()

    done = run(plan, "--workers", 2)

    stamps = [one.received_s - began_s for one in server.requests]
    assert stamps == sorted(stamps)
    for number, at_s in enumerate(stamps):
        assert number <= at_s * 80 + 1
    asked = server.targets()
    assert asked["GET /before"] == asked["GET /after"] == 1
    assert all(asked[one] >= 40 for one in ("POST /items", "GET /there", "DELETE /items"))
    assert asked["GET /socket"] > 0
    whole = done.result["rate_limits"]
    assert whole["max_rate_per_s"] == 80
    assert 0 < whole["held_back"] <= len(stamps)
    (finding,) = [one for one in done.result["validity"]["findings"] if one["kind"] == "max-rate"]
    assert finding["invalidates"]
    assert any("max_rate of 80.0/s held requests back" in one for one in done.result["reasons"])
    assert "load-not-reached" not in [one["kind"] for one in done.result["validity"]["findings"]]
