"""The target guard: which addresses load may go to."""

from __future__ import annotations

import pytest

from wedload.safety.target_guard import LOOPBACK_ONLY, BlockedAddressError


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.255.254", "::1", "::1%lo"])
def test_loopback_is_allowed(address):
    LOOPBACK_ONLY.require_allowed(address, "localhost")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "8.8.8.8", "10.0.0.1", "128.0.0.1", "126.255.255.255", "169.254.169.254",
        "192.0.2.1", "192.168.1.1", "255.255.255.255", "224.0.0.1",
        "::", "::2", "2001:db8::1", "fe80::1%eth0", "fc00::1", "::ffff:8.8.8.8",
    ],
)  # fmt: skip
def test_everything_else_is_blocked_with_its_name_and_address(address):
    with pytest.raises(BlockedAddressError, match=r"^wedsync\.example") as blocked:
        LOOPBACK_ONLY.require_allowed(address, "wedsync.example")
    assert address in str(blocked.value)


def test_an_address_that_is_its_own_name_is_said_once():
    with pytest.raises(BlockedAddressError, match=r"^192\.0\.2\.1 is not on loopback"):
        LOOPBACK_ONLY.require_allowed("192.0.2.1", "192.0.2.1")
