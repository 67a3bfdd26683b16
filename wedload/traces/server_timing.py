"""`Server-Timing`: what a response says of itself. Pure, and robust to anything.

`db;dur=53.2;desc="query", cache;dur=0.3`: names are tokens, parameters may be quoted, and what is
not understood is passed over, as browsers do. Source: W3C Server Timing, sections 3 and 3.1.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER: Final = b"server-timing"
#: entries of a response that are read
MOST_ENTRIES: Final = 32
#: of a header that are read: longer ones are nobody's figures
_MOST_BYTES: Final = 4_096
#: longer than any request: an hour
_MOST_MS: Final = 3_600_000.0
_MOST_NAME: Final = 60
_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of RFC 9110
_ENTRY: Final = re.compile(rf"[\s,]*({_TOKEN})\s*((?:[^,\"]|\"(?:[^\"\\]|\\.)*\")*)")
_DURATION: Final = re.compile(
    r";\s*dur\s*=\s*(?:\"([0-9.eE+-]{1,40})\"|([0-9.eE+-]{1,40}))\s*(?=;|$)", re.IGNORECASE
)
_QUOTED: Final = re.compile(r"(=\s*)\"(?:[^\"\\]|\\.)*\"")


def read_timings(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, int]]:
    """Names and durations, ns, of the entries that have a duration; of equal names the first."""
    found: dict[str, int] = {}
    for name, value in headers:
        if len(name) == len(HEADER) and name.lower() == HEADER:
            _read(value[:_MOST_BYTES].decode("latin-1"), found)
    return list(found.items())


def _read(text: str, found: dict[str, int]) -> None:
    position = 0
    while len(found) < MOST_ENTRIES and position >= 0:
        entry = _ENTRY.match(text, position)
        if entry is not None:
            position = entry.end()
            duration = _DURATION.search(_without_texts(entry[2]))
            if duration is not None and (ns := _ns(duration[1] or duration[2])) is not None:
                found.setdefault(entry[1][:_MOST_NAME], ns)
        # what is left of an entry – no token, a quote that does not end – ends with a comma
        position = text.find(",", position) + 1 or -1


def _without_texts(parameters: str) -> str:
    """Parameters without quoted texts, which may look like others; a quoted number stays."""

    def shortened(quoted: re.Match[str]) -> str:
        inside = quoted[0][len(quoted[1]) + 1 : -1]
        return quoted[0] if re.fullmatch(r"[0-9.eE+-]{1,40}", inside) else f"{quoted[1]}-"

    return _QUOTED.sub(shortened, parameters)


def _ns(text: str) -> int | None:
    try:
        ms = float(text)
    except ValueError:
        return None
    return round(ms * 1_000_000) if math.isfinite(ms) and 0 <= ms <= _MOST_MS else None
