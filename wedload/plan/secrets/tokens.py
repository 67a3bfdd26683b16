"""JSON Web Tokens: what they say of themselves, read without any key. Nothing is verified.

Source: RFC 7519 (claims), RFC 9068 and RFC 8693 (scope), supabase.com/docs/guides/auth/jwts (role).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

_TOKEN: Final = re.compile(r"(?:[Bb]earer\s+)?(eyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]*)")
#: roles and scopes that may do everything, or everything of one kind
_POWERFUL: Final = re.compile(
    r"(?i)service_role|supabase_admin|postgres|root|super.?user|super.?admin|administrator|owner"
    r"|\*|(?:.*[:./_-])?admin(?:[:./_-].*)?|.*[:./]\*|\*[:./].*"
)
_SCOPES: Final = ("scope", "scp", "scopes", "permissions", "roles", "groups")
_MOST_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is worth knowing of a token."""

    issuer: str | None
    audience: tuple[str, ...]
    role: str | None
    scopes: tuple[str, ...]
    expires_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Whether it is of no use any more."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def powerful(self) -> tuple[str, ...]:
        """Role and scopes that are more than a load test needs."""
        named = [one for one in (self.role, *self.scopes) if one is not None]
        return tuple(one for one in named if _POWERFUL.fullmatch(one))

    def in_words(self) -> str:
        """All of it in a line."""
        listed = ", ".join(self.scopes[:_MOST_SHOWN])
        more = f" and {len(self.scopes) - _MOST_SHOWN} more" if self.scopes[_MOST_SHOWN:] else ""
        parts = {
            "issuer": self.issuer,
            "audience": ", ".join(self.audience[:_MOST_SHOWN]),
            "role": self.role,
            "scopes": listed + more,
            "expires": f"{self.expires_at:%Y-%m-%d %H:%M} UTC" if self.expires_at else "never",
        }
        return ", ".join(f"{name} {value}" for name, value in parts.items() if value)


def token_facts(value: str) -> TokenFacts | None:
    """What a secret says of itself, if it is a JSON Web Token; None: it is not."""
    claims = claims_of(value.strip())
    if claims is None:
        return None
    scopes = [text for name in _SCOPES for text in _texts(claims.get(name))]
    return TokenFacts(
        _text(claims.get("iss")),
        tuple(_texts(claims.get("aud"))),
        _text(claims.get("role")),
        tuple(dict.fromkeys(scopes)),
        _instant(claims.get("exp")),
    )


def claims_of(value: str) -> dict[str, Any] | None:
    """The claims of a token, with or without `Bearer ` before it; None: it is no token."""
    match = _TOKEN.fullmatch(value)
    if match is None:
        return None
    header, claims = map(_decoded, match[1].split(".")[:2])
    return claims if isinstance(header, dict) and isinstance(claims, dict) else None


def _decoded(part: str) -> Any:
    try:
        return orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        return None


def _text(value: Any) -> str | None:
    """A claim as it is shown: in one line, and not a page of it."""
    if not isinstance(value, str) or not value:
        return None
    return "".join(one if one.isprintable() else "?" for one in value[:80])


def _texts(value: Any) -> list[str]:
    items = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for one in items if (text := _text(one)) is not None]


def _instant(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
