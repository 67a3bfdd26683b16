from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from wedload.sandbox.auth import Sessions, SigninKeys
from wedload.sandbox.errors import ApiError
from wedload.sandbox.rate_limit import RateLimit

ROLES = frozenset({"supplier"})
NONE = {"passed": 0, "limited": 0, "early": 0, "obeyed": 0, "broken": 0, "waiting": 0}


class Gate:
    """Sessions whose clock the test moves, and one signed in."""

    def __init__(self, limit, ttl_s=60):
        self.now_s = 100.0
        keys = SigninKeys("supplier", "couple")
        self.sessions = Sessions(
            keys, ttl_s, limit, lambda: self.now_s, lambda: 1_700_000_000.25 + self.now_s
        )
        self.bearer = self.sign_in("a")

    def sign_in(self, account):
        return f"Bearer {self.sessions.open('supplier', account)['token']}"

    def ask(self, after_s=0.0, bearer=None):
        """None if it is let through, else the answer; so many seconds later."""
        self.now_s += after_s
        try:
            self.sessions.admit(bearer or self.bearer, ROLES)
        except ApiError as error:
            return error
        return None

    @property
    def total(self):
        return {name: count for name, count in self.sessions.limited().items() if count}


def test_all_that_the_limit_did_is_counted():
    gate = Gate(RateLimit(0.5))
    assert gate.ask() is None
    wait_s = int(gate.ask().headers["Retry-After"])
    assert wait_s == 2
    assert gate.total == {"passed": 1, "limited": 1, "waiting": 1}
    assert gate.ask(wait_s) is None
    assert gate.total == {"passed": 2, "limited": 1, "obeyed": 1}
    assert gate.ask() is not None
    assert gate.ask(1.0) is not None
    assert gate.total == {
        "passed": 2,
        "limited": 3,
        "obeyed": 1,
        "early": 1,
        "broken": 1,
        "waiting": 1,
    }


def test_rounding_tells_a_later_instant_than_the_limit_needs_and_that_is_the_one_to_keep():
    gate = Gate(RateLimit(4))
    for _ in range(8):
        gate.ask()
    assert gate.ask().headers["Retry-After"] == "1"
    # a quarter of a second would do; who comes then is let through, and too early
    assert gate.ask(0.5) is None
    assert gate.total == {"passed": 9, "limited": 1, "early": 1, "broken": 1}


def test_a_date_is_told_and_kept_to_on_the_same_clock():
    gate = Gate(RateLimit(0.5, "date"))
    gate.ask()
    date = parsedate_to_datetime(gate.ask().headers["Retry-After"]).timestamp()
    left_s = date - (1_700_000_000.25 + gate.now_s)
    assert left_s == 2.75
    assert gate.ask(left_s) is None
    assert gate.total == {"passed": 2, "limited": 1, "obeyed": 1}


def test_without_retry_after_nobody_is_early():
    gate = Gate(RateLimit(0.5, "none"))
    gate.ask()
    refused = gate.ask()
    assert refused.headers == {}
    assert refused.message == "Too many requests with this token."
    gate.ask()
    assert gate.total == {"passed": 1, "limited": 2}


def test_each_token_has_its_own_record_and_shows_no_token():
    gate = Gate(RateLimit(0.5))
    other = gate.sign_in("b")
    for bearer in (other, other, gate.bearer):
        gate.ask(bearer=bearer)
    assert gate.sessions.limited_by_token() == [
        {"account_id": "a", "role": "supplier", **NONE, "passed": 1},
        {"account_id": "b", "role": "supplier", **NONE, "passed": 1, "limited": 1, "waiting": 1},
    ]


def test_what_tokens_did_that_are_over_stays_in_the_total():
    gate = Gate(RateLimit(0.5), ttl_s=10)
    gate.ask()
    gate.ask()
    sweeper = gate.sessions.admit(gate.sign_in("b"), ROLES)
    gate.sessions.end({"a"}, but=sweeper)
    assert gate.total == {"passed": 2, "limited": 1, "waiting": 1}
    assert [each["account_id"] for each in gate.sessions.limited_by_token()] == ["b"]
    gate.now_s += 20
    for _ in range(1000):
        gate.sign_in("c")
    assert gate.total == {"passed": 2, "limited": 1, "waiting": 1}
    assert {each["account_id"] for each in gate.sessions.limited_by_token()} == {"c"}


def test_token_of_a_swept_account_is_good_for_sweeping_only():
    gate = Gate(RateLimit(0))
    session = gate.sessions.admit(gate.bearer, ROLES)
    gate.sessions.end({"a"}, but=session)
    with pytest.raises(ApiError, match="sign in again"):
        gate.sessions.admit(gate.bearer, ROLES)
    assert gate.sessions.admit(gate.bearer, ROLES, sweeps=True) is session
    assert gate.sessions.holder(gate.bearer.split()[1]) is None
