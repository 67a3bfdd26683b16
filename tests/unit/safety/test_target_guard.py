"""The target guard: which addresses load may go to."""

from __future__ import annotations

import pickle

import pytest

from wedload.plan.hosts import Host
from wedload.plan.model import Target
from wedload.safety.target_guard import (
    LOOPBACK_ONLY,
    BlockedAddressError,
    declared_hosts,
    guard_of,
    require_possible,
)
from wedload.workload.permits import Permit, Permits

TARGET = Target(base_url="https://Staging.Example:8443/app", allow_hosts=("auth.example", "::7"))
PINNED = Permits((Permit("staging.example", ("198.51.100.7", "2001:db8::7")),))
GUARD = guard_of(TARGET, PINNED)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.255.255.254", "::1", "::1%lo", "::ffff:127.0.0.1", "0.0.0.0", "::"],
)
@pytest.mark.parametrize("guard", [LOOPBACK_ONLY, GUARD], ids=["loopback only", "declared"])
def test_this_machine_is_free(guard, address):
    guard.require_allowed(address, "localhost")


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "10.0.0.1", "128.0.0.1", "126.255.255.255", "169.254.169.254", "192.0.2.1",
        "192.168.1.1", "255.255.255.255", "224.0.0.1", "198.51.100.7",
        "::2", "2001:db8::1", "fe80::1%eth0", "fc00::1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("guard", [LOOPBACK_ONLY, GUARD], ids=["loopback only", "declared"])
def test_everything_else_is_blocked_with_its_name_and_address(guard, address):
    with pytest.raises(BlockedAddressError, match=r"^wedsync\.example") as blocked:
        guard.require_allowed(address, "wedsync.example")
    assert address in str(blocked.value)


def test_an_address_that_is_its_own_name_is_said_once():
    with pytest.raises(BlockedAddressError, match=r"^192\.0\.2\.1 is not on loopback"):
        LOOPBACK_ONLY.require_allowed("192.0.2.1", "192.0.2.1")


@pytest.mark.parametrize("address", ["198.51.100.7", "::ffff:198.51.100.7", "2001:DB8:0::7"])
@pytest.mark.parametrize("host", ["staging.example", "STAGING.example."])
def test_a_host_that_was_proven_is_gone_to_at_the_addresses_that_it_had_then(host, address):
    GUARD.require_allowed(address, host)
    assert GUARD.pinned(host) == ("198.51.100.7", "2001:db8::7")


@pytest.mark.parametrize(
    ("address", "host", "why"),
    [
        ("198.51.100.8", "staging.example", "is not among the addresses that the host had"),
        ("64:ff9b::c633:6407", "staging.example", "is not among the addresses"),
        ("198.51.100.7", "auth.example", "nothing proves that load may go there: `wedload prove"),
        ("198.51.100.7", "198.51.100.7", "does not declare it"),
        ("198.51.100.7", "a.staging.example", "does not declare it"),
        ("169.254.169.254", "staging.example", "credentials"),
        ("fe80::1", "staging.example", "is a link-local address; no load ever goes there"),
    ],
)
def test_each_refusal_says_its_reason(address, host, why):
    with pytest.raises(BlockedAddressError, match=why):
        GUARD.require_allowed(address, host)


def test_what_is_pinned_cannot_make_an_address_possible_that_is_not():
    pinned = Permits((Permit("staging.example", ("169.254.169.254",)),))

    with pytest.raises(BlockedAddressError, match="no load ever goes there"):
        guard_of(TARGET, pinned).require_allowed("169.254.169.254", "staging.example")
    with pytest.raises(BlockedAddressError, match="metadata"):
        require_possible("::ffff:169.254.169.254", "staging.example")


def test_a_host_that_is_only_led_somewhere_is_not_declared_by_that():
    target = Target(base_url="http://127.0.0.1:1", hosts=(Host("far.example", "198.51.100.9"),))

    assert declared_hosts(target) == ("127.0.0.1",)
    with pytest.raises(BlockedAddressError, match=r"far\.example \(198\.51\.100\.9\)"):
        guard_of(target, Permits()).require_allowed("198.51.100.9", "far.example")


def test_the_hosts_of_a_target_are_declared_once_however_they_are_written():
    assert declared_hosts(TARGET) == ("staging.example", "auth.example", "::7")
    twice = Target(base_url="http://0xC6336407/", allow_hosts=("198.51.100.7",))
    assert declared_hosts(twice) == ("198.51.100.7",)
    assert declared_hosts(Target(sandbox=True)) == ()


def test_what_load_processes_are_told_is_small():
    assert len(pickle.dumps(PINNED)) < 400
