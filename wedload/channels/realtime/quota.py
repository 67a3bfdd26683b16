"""Errors that say a quota is exhausted, told apart from other failures. Pure.

Supabase writes `Code: text` where a join is refused, and the text alone where it ends a channel,
or refuses a connection (status 429).

Sources: Supabase's guides `realtime/error_codes` and `realtime/limits`; supabase/realtime,
`realtime_channel.ex` and `user_socket.ex`.
"""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"\b([A-Z][A-Za-z]*LimitReached)\b")
#: what is said instead of a code, in lower case -> the code
_TEXTS: Final = {
    "too many connected users": "ConnectionRateLimitReached",
    "too many joins per second": "ClientJoinRateLimitReached",
    "too many channels": "ChannelRateLimitReached",
    "too many messages per second": "MessagePerSecondRateLimitReached",
    "too many postgres changes messages per second": "MessagePerSecondRateLimitReached",
    "too many presence messages per second": "PresenceRateLimitReached",
    "client presence rate limit exceeded": "ClientPresenceRateLimitReached",
    "too many database connections attempts per second": "DatabaseConnectionRateLimitReached",
}
_TOO_MANY_REQUESTS: Final = 429


def quota_code(text: str, status: int | None = None) -> str | None:
    """Which quota a text says is exhausted, or an HTTP status; None: it is about something else."""
    if (code := _CODE.search(text)) is not None:
        return code[1]
    lower = text.lower()
    for said, named in _TEXTS.items():
        if said in lower:
            return named
    return "status 429" if status == _TOO_MANY_REQUESTS else None
