"""Failures that are the generator's own are told from those of the target."""

from __future__ import annotations

import errno
import os

import pytest

from wedload.verdict.exhaustion import exhaustion_findings


def note(code: int, origin: str = "http://127.0.0.1:80") -> str:
    """As the client notes a connection that failed."""
    return f"look: {origin}: {os.strerror(code)}"


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [
        (errno.EADDRNOTAVAIL, "ports-exhausted", "net.ipv4.ip_local_port_range"),
        (errno.EMFILE, "files-exhausted", "ulimit -n"),
        (errno.ENFILE, "files-exhausted", "fs.file-max"),
    ],
)
def test_exhausted_resource_invalidates_with_its_number_and_remedy(code, kind, remedy):
    notes = {note(code): 1_200, note(code).replace("look", "buy"): 34, note(errno.ECONNREFUSED): 5}

    (found,) = exhaustion_findings(notes)

    assert (found.kind, found.invalidates) == (kind, True)
    assert found.message.startswith(f"1,234 requests failed ({os.strerror(code)}), as ")
    assert remedy in found.message


def test_files_that_run_out_are_told_of_ipv6_addresses_too():
    (found,) = exhaustion_findings({note(errno.EMFILE, "http://[::1]:80"): 7})

    assert found.message.startswith("7 requests failed (Too many open files)")


@pytest.mark.parametrize(
    "text",
    [
        note(errno.ECONNREFUSED),
        note(errno.ECONNRESET),
        "look: status 500",
        note(errno.EADDRNOTAVAIL, "http://[::1]:80"),  # this machine has no IPv6
    ],
)
def test_other_failures_are_the_targets_own(text):
    assert list(exhaustion_findings({text: 10})) == []
