"""What a system error means for the request that there is no connection for."""

from __future__ import annotations

import errno

import pytest

from wedload.protocols.http.connecting import outcome_of


@pytest.mark.parametrize(
    ("code", "addresses", "outcome"),
    [
        (errno.ECONNREFUSED, ["127.0.0.1"], "connect"),
        (None, ["127.0.0.1"], "connect"),
        (errno.EMFILE, ["127.0.0.1"], "no_file"),
        (errno.EMFILE, ["::1"], "no_file"),
        (errno.ENFILE, ["127.0.0.1"], "no_file_anywhere"),
        (errno.EADDRNOTAVAIL, ["127.0.0.1"], "no_port"),
        (errno.EADDRNOTAVAIL, ["::1", "127.0.0.1"], "no_port"),
        (errno.EADDRNOTAVAIL, ["::1"], "connect"),  # this machine has no IPv6
    ],
)
def test_what_the_generator_has_none_left_of_is_not_the_targets_failure(code, addresses, outcome):
    error = OSError("no connection") if code is None else OSError(code, "no connection")
    assert outcome_of(error, addresses) == outcome
