"""Signing in, and who a token belongs to. Knows no route; never writes a key or token anywhere."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from hmac import compare_digest
from math import ceil
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Literal

from .database import Query, Transaction
from .errors import ApiError, invalid, unauthorized
from .ids import new_id
from .rate_limit import RateLimit, Record, TokenBucket, told
from .validation import Problems, json_object, reserved_email

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Role = Literal["supplier", "couple"]

# How many sign-ins pass between two sweeps of expired tokens.
_SWEEP_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class SigninKeys:
    """The two keys everyone signs in with; kept out of `repr`, so that no log can show them."""

    supplier: str
    couple: str

    def __repr__(self) -> str:
        return "SigninKeys(…)"


@dataclass(slots=True)
class Session:
    """One signed-in token: whose it is, until when, and how fast it may ask.

    `gone` if the account was swept away: it may only sweep again.
    """

    account_id: str
    role: Role
    expires_s: float
    bucket: TokenBucket
    record: Record = field(default_factory=Record)
    gone: bool = False


class Sessions:
    """The tokens that are valid now: random, and in memory only, so a restart ends them all."""

    def __init__(
        self,
        keys: SigninKeys,
        token_ttl_s: float,
        limit: RateLimit,
        now: Callable[[], float] = time.monotonic,
        unix: Callable[[], float] = time.time,
    ) -> None:
        self._keys = {"supplier": keys.supplier.encode(), "couple": keys.couple.encode()}
        self._ttl_s = token_ttl_s
        self.limit = limit
        self._now = now
        self._unix = unix
        self._ended: Counter[str] = Counter()  # what became of requests with tokens of before
        self._by_token: dict[str, Session] = {}
        self._signins = 0

    def check_credentials(self, role: Role, body: object) -> str:
        """The e-mail address that signs in, in lower case.

        Raises:
            ApiError: 422 for a malformed body or address, 401 for a wrong key.
        """
        given = json_object(body)
        problems = Problems()
        problems.unknown_keys(given, ("email", "key"))
        if not isinstance(given.get("key"), str):
            problems.add("key", "must be a string" if "key" in given else "missing")
        try:
            email = reserved_email(given.get("email"))
        except ApiError as error:
            raise invalid({**problems.fields, **error.fields}) from None
        problems.finish()
        if not compare_digest(given["key"].encode(), self._keys[role]):
            raise unauthorized("The key is wrong.")
        return email

    def open(self, role: Role, account_id: str) -> dict[str, Any]:
        """A new token for the account, as the answer to its sign-in."""
        now = self._now()
        self._signins += 1
        if self._signins % _SWEEP_EVERY == 0:
            self._keep(lambda session: session.expires_s > now)
        token = token_urlsafe(24)
        bucket = TokenBucket(self.limit, now)
        self._by_token[token] = Session(account_id, role, now + self._ttl_s, bucket)
        return {"token": token, f"{role}_id": account_id, "expires_in": ceil(self._ttl_s)}

    def end(self, account_ids: Iterable[str], *, but: Session) -> None:
        """The tokens of accounts that are gone: no longer valid; `but` for nothing but sweeps."""
        gone = set(account_ids)
        but.gone = but.gone or but.account_id in gone
        self._keep(lambda session: session.account_id not in gone or session is but)

    def _keep(self, wanted: Callable[[Session], bool]) -> None:
        alive = {}
        for token, session in self._by_token.items():
            if wanted(session):
                alive[token] = session
            else:
                self._ended.update(session.record.counts())
        self._by_token = alive

    def limited(self) -> dict[str, int]:
        """What the rate limit did since the start, to all tokens together."""
        total = Counter(dict.fromkeys(Record().counts(), 0))
        total.update(self._ended)
        for session in self._by_token.values():
            total.update(session.record.counts())
        return dict(total)

    def limited_by_token(self) -> list[dict[str, Any]]:
        """The same for each token that is known still, in the order in which they were given."""
        return [
            {"account_id": session.account_id, "role": session.role, **session.record.counts()}
            for session in self._by_token.values()
        ]

    def admit(
        self, authorization: str | None, roles: frozenset[Role], *, sweeps: bool = False
    ) -> Session:
        """Whose request this is, if it may pass; `sweeps` if it is about test runs.

        Raises:
            ApiError: 401 without a valid token, 429 over the token's rate, 403 in the wrong role.
        """
        if authorization is None:
            raise unauthorized("Sign in first, and send the token as Authorization: Bearer ….")
        scheme, _, token = authorization.partition(" ")
        session = self._by_token.get(token.strip()) if scheme.lower() == "bearer" else None
        now = self._now()
        if session is None or session.expires_s <= now or (session.gone and not sweeps):
            raise unauthorized("The token is not valid or has expired; sign in again.")
        record = session.record
        record.arrives(now)
        if wait_s := session.bucket.take(now):
            raise self._too_many(record, wait_s, now)
        record.passed += 1
        if session.role not in roles:
            raise ApiError(403, "forbidden", f"Only a {' or '.join(sorted(roles))} may do this.")
        return session

    def _too_many(self, record: Record, wait_s: int, now: float) -> ApiError:
        said, told_s = told(self.limit.tells, wait_s, self._unix())
        record.tell(None if told_s is None else now + told_s)
        message = "Too many requests with this token"
        if said is None:
            return ApiError(429, "rate_limited", f"{message}.")
        when = f"in {said} s" if self.limit.tells == "seconds" else f"at {said}"
        message += f"; try again {when}."
        return ApiError(429, "rate_limited", message, headers={"Retry-After": said})

    def holder(self, token: str) -> Session | None:
        """Whose token this is, if it is valid now; takes nothing from its rate."""
        session = self._by_token.get(token)
        if session is None or session.gone or session.expires_s <= self._now():
            return None
        return session

    def is_key(self, text: str) -> bool:
        """Whether this is one of the two keys that everyone signs in with."""
        # As a header may hold it, which need not be UTF-8.
        given = text.encode(errors="surrogateescape")
        # Both are compared, so that the time tells nothing.
        return sum(compare_digest(given, key) for key in self._keys.values()) > 0


def account(role: Role, email: str, run_id: str | None) -> Transaction[str]:
    """The id of the account with this address; the first sign-in creates it.

    One that a test run made passes to whoever signs in to it later, another run or nobody's: the
    sweep of the first is not to take it from under them. One that no run made stays so.
    """
    find = Query("SELECT id, run_id FROM accounts WHERE role = $1 AND email = $2", (role, email))
    found = yield find
    if found and found[0][1] not in (None, run_id):
        found = yield Query(
            "UPDATE accounts SET run_id = $2 WHERE id = $1 AND run_id = $3 RETURNING id",
            (found[0][0], run_id, found[0][1]),
        )
    if not found:
        yield Query(
            "INSERT INTO accounts (id, role, email, created_ms, run_id) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (role, email) DO NOTHING",
            (new_id(), role, email, time.time_ns() // 1_000_000, run_id),
        )
        # Somebody else may have been first; then theirs is the account.
        found = yield find
    account_id: str = found[0][0]
    return account_id
