"""What holds for every route: the shape of errors, timing, counts, limits."""

from __future__ import annotations

import asyncio
import re

import pytest

ERROR_KEYS = {"code", "message", "fields"}


async def test_health_is_ok(visitor):
    answer = await visitor.get("/healthz")
    assert (answer.status, answer.body) == (200, {"status": "ok"})


async def test_unknown_path_is_404_in_json(visitor):
    for path in ("/", "/api", "/api/forms", "/api/forms/intake/", "/nothing"):
        answer = await visitor.get(path)
        assert answer.status == 404
        assert answer.body["error"].keys() == ERROR_KEYS
        assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/forms/intake", {"POST", "DELETE"}),
        ("GET", "/api/forms/some-id", {"DELETE"}),
        ("POST", "/api/suppliers/search", {"GET"}),
        ("PATCH", "/healthz", {"GET"}),
        ("GET", "/api/auth/couple", {"POST"}),
    ],
)
async def test_wrong_method_is_405_and_says_which_is_right(visitor, method, path, allowed):
    answer = await visitor(method, path)
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert answer.body["error"].keys() == ERROR_KEYS


@pytest.mark.parametrize("body", [b"", b"{", b"{'a': 1}", b"\xff", b'{"a": NaN}', b'"\\ud800"'])
async def test_bad_json_is_400(supplier, body):
    answer = await supplier.post("/api/forms/intake", body)
    assert answer.status == 400
    assert answer.body["error"]["code"] == "bad_json"


async def test_body_over_a_mebibyte_is_413_and_one_of_just_that_size_is_read(supplier):
    body = b'{"title": "' + b"x" * (1024 * 1024 - 13) + b'"}'
    assert len(body) == 1024 * 1024
    assert (await supplier.post("/api/forms/intake", body)).status == 422
    answer = await supplier.post("/api/forms/intake", body + b" ")
    assert answer.status == 413
    assert answer.body["error"].keys() == ERROR_KEYS


async def test_every_response_tells_its_times(visitor, supplier):
    form = await supplier.create_form()
    answers = [
        await visitor.get("/healthz"),
        await visitor.get("/_sandbox/counts"),
        await visitor.get("/nothing"),
        await visitor("PUT", "/healthz"),
        await visitor.get("/api/suppliers/search"),
        await supplier.get("/api/suppliers/search"),
        await supplier.get("/api/suppliers/dashboard"),
        await supplier.post("/api/forms/intake", b"{"),
        await supplier.post("/api/forms/intake", b"x" * (1024 * 1024 + 1)),
        await supplier.delete(f"/api/forms/{form}"),
    ]
    assert [a.status for a in answers] == [200, 200, 404, 405, 401, 200, 200, 400, 413, 204]
    for answer in answers:
        timing = answer.headers["Server-Timing"]
        times = re.fullmatch(r"db;dur=(\d+\.\d{1,2}), total;dur=(\d+\.\d{1,2})", timing)
        assert times, timing
        # Each is rounded by itself.
        assert float(times[1]) <= float(times[2]) + 0.01
    assert not answers[5].headers["Server-Timing"].startswith("db;dur=0.00,")


NO_ROWS = {
    "submissions": 0,
    "journeys": 0,
    "webhook_endpoints": 0,
    "webhook_messages": 0,
    "webhook_deliveries": 0,
    "appointments": 0,
    "communications": 0,
    "loose_submissions": 0,
    "bookings": 0,
}
NOTHING_SENT = {
    "messages": 0,
    "deliveries": 0,
    "attempts": 0,
    "retries": 0,
    "delivered": 0,
    "failed": 0,
    "disabled": 0,
    "pending": 0,
    "resumed": 0,
    "by_weakness": {"lose": 0, "duplicate": 0, "reorder": 0, "delay": 0, "missign": 0},
}


async def test_counts_are_exact_per_route_and_status_under_concurrency(start, database, visit):
    visitor = visit(start(*database(), "--rate-limit", "0"))
    counts = (await visitor.get("/_sandbox/counts")).body
    assert set(counts.pop("realtime")) > {"connections", "joined", "published", "copies"}
    third_parties = counts.pop("third_parties")
    assert third_parties.keys() == {"calendar", "email"}
    assert not any(sum(each.values()) for each in third_parties.values())
    assert set(counts.pop("outbox").values()) == {0}
    assert set(counts.pop("rate_limit").values()) == {0}
    assert counts == {
        "requests": {},
        "faults": {"database": 0, "webhooks": 0, "realtime": 0, "api": 0},
        "rows": {**NO_ROWS, "forms": 0, "connections": 0},
        "webhooks": NOTHING_SENT,
        "weaknesses": {"webhook": {}, "realtime": {}},
    }
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    forms = await asyncio.gather(*(supplier.create_form() for _ in range(12)))
    await asyncio.gather(
        *(couple.connect(form) for form in forms),
        *(couple.submit(forms[0], {"unknown": 1}) for _ in range(3)),
        supplier.post("/api/forms/intake", {}),
        visitor.get("/healthz"),
        visitor.get("/nothing"),
        visitor("PUT", "/api/forms/intake"),
        visitor.get("/api/suppliers/dashboard"),
    )
    counts = (await visitor.get("/_sandbox/counts")).body
    submits = counts["requests"].pop("POST /api/forms/{form_id}/submit")
    assert sum(submits.values()) == 3
    assert submits.keys() <= {"403", "422"}  # before or after its connection
    assert counts["requests"] == {
        "POST /api/auth/supplier": {"200": 1},
        "POST /api/auth/couple": {"200": 1},
        "POST /api/forms/intake": {"201": 12, "422": 1},
        "POST /api/connections/{form_id}": {"201": 12},
        "GET /api/suppliers/dashboard": {"401": 1},
        "GET (no route)": {"404": 1},
        "PUT (no route)": {"405": 1},
    }
    assert counts["rows"] == {**NO_ROWS, "forms": 12, "connections": 12}


async def until_limited(client):
    for _ in range(1000):
        answer = await client.get("/api/suppliers/dashboard")
        if answer.status != 200:
            return answer
    pytest.fail("never limited")


async def test_token_over_its_rate_gets_429_and_is_told_when_to_come_back(start, visit):
    visitor = visit(start("--rate-limit", "0.01"))
    supplier = await visitor.sign_in("supplier")
    answer = await until_limited(supplier)
    assert answer.status == 429
    assert answer.body["error"]["code"] == "rate_limited"
    assert 1 <= int(answer.headers["Retry-After"]) <= 100
    assert "Server-Timing" in answer.headers
    # The limit is each token's own.
    again = await visitor.sign_in("supplier", supplier.email)
    assert (await again.get("/api/suppliers/dashboard")).status == 200
    requests = (await visitor.get("/_sandbox/counts")).body["requests"]
    assert requests["GET /api/suppliers/dashboard"] == {"200": 2, "429": 1}


async def test_limited_token_may_go_on_after_the_time_it_was_told(start, visit):
    supplier = await visit(start("--rate-limit", "1")).sign_in("supplier")
    answer = await until_limited(supplier)
    assert answer.headers["Retry-After"] == "1"
    await asyncio.sleep(1)
    assert (await supplier.get("/api/suppliers/dashboard")).status == 200


async def test_what_the_rate_limit_did_is_told_by_account_and_in_total(start, visit):
    visitor = visit(start("--rate-limit", "0.01"))
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    answers = [await supplier.get("/api/suppliers/search") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 429, 429]
    assert (await couple.get("/api/suppliers/search")).status == 200
    told = (await visitor.get("/_sandbox/rate-limit")).body
    of_supplier = {
        "passed": 1,
        "limited": 2,
        "early": 1,
        "obeyed": 0,
        "broken": 1,
        "waiting": 1,
    }
    of_couple = {**dict.fromkeys(of_supplier, 0), "passed": 1}
    assert told == {
        "per_s": 0.01,
        "burst": 1.0,
        "retry_after": "seconds",
        "total": {**of_supplier, "passed": 2},
        "tokens": [
            {"account_id": supplier.id, "role": "supplier", **of_supplier},
            {"account_id": couple.id, "role": "couple", **of_couple},
        ],
    }
    assert (await visitor.get("/_sandbox/counts")).body["rate_limit"] == told["total"]


@pytest.mark.parametrize(("tells", "form"), [("date", r"\w{3}, .* GMT"), ("none", None)])
async def test_429_says_when_as_it_was_started_to(start, visit, monkeypatch, tells, form):
    monkeypatch.setenv("WEDLOAD_SANDBOX_RETRY_AFTER", tells)
    monkeypatch.setenv("WEDLOAD_SANDBOX_RATE_LIMIT", "0.01")
    supplier = await visit(start()).sign_in("supplier")
    await supplier.get("/api/suppliers/search")
    answer = await supplier.get("/api/suppliers/search")
    assert answer.status == 429
    said = answer.headers.get("Retry-After")
    assert said is None if form is None else re.fullmatch(form, said)
