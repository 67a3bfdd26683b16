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

    from wedload.metrics.outcome import Outcome

#: how the machine has more local ports
WIDEN_PORTS: Final = "widen the range: sysctl -w net.ipv4.ip_local_port_range='1024 65535'"
_MORE_PORTS: Final = (
    "lower the number of virtual users, let the target keep connections alive, or " + WIDEN_PORTS
)
_MORE_FILES: Final = (
    "raise the limit before the run (ulimit -n), lower the number of virtual users (vus, max_vus), "
    "or spread them over more load processes (--workers)"
)
#: outcome -> kind of the finding, errno, what happened, remedy
_OURS: Final[dict[Outcome, tuple[str, int, str, str]]] = {
    "no_port": (
        "ports-exhausted",
        errno.EADDRNOTAVAIL,
        "as no local port was free for them",
        _MORE_PORTS,
    ),
    "no_file": (
        "files-exhausted",
        errno.EMFILE,
        "as a load process had as many files open as it may",
        _MORE_FILES,
    ),
    "no_file_anywhere": (
        "files-exhausted",
        errno.ENFILE,
        "as the machine had as many files open as it may",
        "raise the limit: sysctl -w fs.file-max=…",
    ),
}


def exhaustion_findings(outcomes: Mapping[str, int]) -> Iterable[Finding]:
    """Failures of ours among the requests, which are counted by outcome."""
    for outcome, (kind, code, why, remedy) in _OURS.items():
        if failed := outcomes.get(outcome, 0):
            words = os.strerror(code)
            yield Finding(kind, f"{failed:,} requests failed ({words}), {why}; {remedy}.")
