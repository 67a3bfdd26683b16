"""Signing in, tokens, roles."""

from __future__ import annotations

import asyncio

import pytest

KEYS = {"supplier": "supplier key of the tests", "couple": "couple key of the tests"}


@pytest.mark.parametrize("role", ["supplier", "couple"])
async def test_signing_in_returns_a_token_the_account_and_the_time_it_is_valid(visitor, role):
    body = {"email": f"first.{role}@example.com", "key": KEYS[role]}
    answer = await visitor.post(f"/api/auth/{role}", body)
    assert answer.status == 200
    assert answer.body.keys() == {"token", f"{role}_id", "expires_in"}
    assert answer.body["expires_in"] == 3600
    assert len(answer.body["token"]) >= 32


async def test_same_address_is_the_same_account_whatever_its_case(visitor):
    first = await visitor.sign_in("supplier", "again@studio.example.com")
    second = await visitor.sign_in("supplier", "Again@Studio.Example.COM")
    assert first.id == second.id
    assert first.headers != second.headers


async def test_first_sign_ins_at_the_same_moment_make_one_account(visitor):
    clients = await asyncio.gather(
        *(visitor.sign_in("couple", "together@example.com") for _ in range(20))
    )
    assert len({client.id for client in clients}) == 1


async def test_supplier_and_couple_with_one_address_are_two_accounts(visitor):
    supplier = await visitor.sign_in("supplier", "both@example.com")
    couple = await visitor.sign_in("couple", "both@example.com")
    assert supplier.id != couple.id


@pytest.mark.parametrize(
    ("role", "key"), [("supplier", KEYS["couple"]), ("couple", "x"), ("couple", "")]
)
async def test_wrong_key_is_401(visitor, role, key):
    answer = await visitor.post(f"/api/auth/{role}", {"email": "a@example.com", "key": key})
    assert answer.status == 401
    assert "WWW-Authenticate" in answer.headers
    assert key == "" or key not in str(answer.body)


@pytest.mark.parametrize(
    "email",
    [
        "a@example.com",
        "a@example.net",
        "a@example.org",
        "a@shop.example.com",
        "a@b.example",
        "a@b.test",
        "a.b+c@x.y.invalid",
    ],
)
async def test_addresses_in_reserved_domains_are_accepted(visitor, email):
    assert (await visitor.sign_in("couple", email)).id


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@",
        "@example.com",
        "a b@example.com",
        "a@@example.com",
        "a@example.com\n",
        "a@" + "x" * 300 + ".test",
        ["a@example.com"],
        5,
        None,
    ],
)
async def test_malformed_address_is_422(visitor, email):
    answer = await visitor.post("/api/auth/couple", {"email": email, "key": KEYS["couple"]})
    assert answer.wrong_fields.keys() == {"email"}


@pytest.mark.parametrize(
    "email", ["a@gmail.com", "a@notexample.com", "a@example.com.evil.org", "a@contest"]
)
async def test_address_that_somebody_may_own_is_refused_with_the_reason(visitor, email):
    answer = await visitor.post("/api/auth/couple", {"email": email, "key": KEYS["couple"]})
    assert answer.wrong_fields.keys() == {"email"}
    if email != "a@contest":
        assert "RFC 2606" in answer.wrong_fields["email"]
        assert "generated data only" in answer.wrong_fields["email"]


async def test_missing_and_unknown_fields_of_a_sign_in_are_named(visitor):
    answer = await visitor.post("/api/auth/supplier", {"mail": "a@example.com"})
    assert answer.wrong_fields.keys() == {"mail", "email", "key"}


PROTECTED = [
    ("POST", "/api/forms/intake"),
    ("POST", "/api/connections/x"),
    ("POST", "/api/forms/x/submit"),
    ("DELETE", "/api/forms/x"),
    ("GET", "/api/realtime/status/x"),
    ("GET", "/api/suppliers/dashboard"),
    ("GET", "/api/suppliers/search"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Bearer ", "Basic eDp5", "x"])
async def test_without_a_valid_token_is_401(visitor, method, path, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await visitor(method, path, headers=headers)
    assert answer.status == 401
    assert answer.body["error"]["code"] == "unauthorized"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("couple", "POST", "/api/forms/intake"),
        ("couple", "DELETE", "/api/forms/x"),
        ("couple", "GET", "/api/suppliers/dashboard"),
        ("supplier", "POST", "/api/connections/x"),
        ("supplier", "POST", "/api/forms/x/submit"),
    ],
)
async def test_wrong_role_is_403(visitor, role, method, path):
    client = await visitor.sign_in(role)
    answer = await client(method, path)
    assert answer.status == 403
    assert answer.body["error"]["code"] == "forbidden"


async def test_token_is_refused_once_it_has_expired(start, visit):
    visitor = visit(start("--token-ttl", "0.001"))
    supplier = await visitor.sign_in("supplier")
    await asyncio.sleep(0.01)
    answer = await supplier.get("/api/suppliers/dashboard")
    assert answer.status == 401
    assert "WWW-Authenticate" in answer.headers
    assert (await visitor.sign_in("supplier", supplier.email)).id == supplier.id
