"""Outcomes: how a request ended. A failed request is data, never an exception."""

from __future__ import annotations

import errno
from typing import Final, Literal

Outcome = Literal[
    "ok",         # a response with an expected status
    "status",     # a response with an unexpected status
    "timeout",    # no complete response within the step's time-out
    "dns",        # the host's name was not resolved
    "connect",    # no TCP connection: refused, unreachable
    "tls",        # the TLS handshake failed
    "reset",      # the connection ended before the response was complete
    "protocol",   # the response is not HTTP, or not decodable
    "too_large",  # the body is longer than `max_response`
    "redirect",   # more redirects than allowed, or one that leads nowhere
    "blocked",    # the address is not one that load may go to
    # what the target has no part in:
    "no_port",           # no local port was free for a connection
    "no_file",           # the load process had as many files open as it may
    "no_file_anywhere",  # the machine had
]  # fmt: skip

#: of requests that have a complete response
ANSWERED: Final[frozenset[Outcome]] = frozenset({"ok", "status", "redirect"})
#: errno of what the generator had none left of
OURS: Final[dict[int, Outcome]] = {
    errno.EADDRNOTAVAIL: "no_port",
    errno.EMFILE: "no_file",
    errno.ENFILE: "no_file_anywhere",
}
