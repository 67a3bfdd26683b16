"""Failures that are the generator's own: it had no port or no file left for a connection. Pure.

They are counted with the failures of the target, which had no part in them; so the run is invalid.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MORE_PORTS: Final = (
    "lower the number of virtual users, let the target keep connections alive, or widen the range: "
    "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"
)
_MORE_FILES: Final = (
    "raise the limit before the run (ulimit -n), lower the number of virtual users (vus, max_vus), "
    "or spread them over more load processes (--workers)"
)
#: of an IPv6 address the words for no free port also say that this machine has no IPv6 at all
_NO_IPV6: Final = "://["
#: errno -> kind of the finding, what happened, remedy
_OURS: Final = {
    errno.EADDRNOTAVAIL: (
        "ports-exhausted",
        "as no local port was free for them",
        _MORE_PORTS,
    ),
    errno.EMFILE: (
        "files-exhausted",
        "as a load process had as many files open as it may",
        _MORE_FILES,
    ),
    errno.ENFILE: (
        "files-exhausted",
        "as the machine had as many files open as it may",
        "raise the limit: sysctl -w fs.file-max=…",
    ),
}


def exhaustion_findings(notes: Mapping[str, int]) -> Iterable[Finding]:
    """Failures of ours among the texts that explain failures, by how often each was seen."""
    for code, (kind, why, remedy) in _OURS.items():
        words = os.strerror(code)
        failed = sum(
            times
            for text, times in notes.items()
            if text.endswith(words) and not (code == errno.EADDRNOTAVAIL and _NO_IPV6 in text)
        )
        if failed:
            yield Finding(kind, f"{failed:,} requests failed ({words}), {why}; {remedy}.")
