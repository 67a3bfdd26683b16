"""A cookie jar of one virtual user and identity.

Host-only and domain cookies, paths, Secure, Max-Age and Expires, as RFC 6265 section 5 has them;
no public-suffix list: a load test talks to its own target.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.workload.request import Origin


#: most bytes of a cookie's name and value, and most cookies of a jar, the oldest of which go first:
#: RFC 6265 section 6.1 has 4,096 and 3,000 as the least for browsers, which serve many sites
_MOST_BYTES: Final = 4_096
_MOST_COOKIES: Final = 300
#: mostly every origin is its own
NO_HOMES: Final[Mapping[Origin, Origin]] = MappingProxyType({})
_SECONDS: Final = re.compile("-?[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class _Cookie:
    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    expires_s: float | None  # Unix time; None: with the session


class CookieJar:
    """Cookies that a server has set, and the header that gives them back."""

    def __init__(self, homes: Mapping[Origin, Origin] = NO_HOMES) -> None:
        """`homes`: origins at which another one's cookies are set and sent as they are there."""
        self._homes = homes
        #: (domain, path, name) -> cookie; those that have expired are still among them
        self.stored: dict[tuple[str, str, str], _Cookie] = {}

    def values(self) -> dict[str, str]:
        """What it holds by the cookies' names; of several of a name, one."""
        return {cookie.name: cookie.value for cookie in self.stored.values()}

    def __len__(self) -> int:
        return len(self.stored)

    def store(self, origin: Origin, path: str, set_cookie: str, now_s: float | None = None) -> None:
        """Take in one Set-Cookie header; one that is malformed or not for this host is ignored.

        Source: RFC 6265 section 5.2 and 5.3, which say that such a header is to be ignored.
        """
        origin = self._homes.get(origin, origin)
        pair, *attributes = set_cookie.split(";")
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or not name or len(pair) > _MOST_BYTES:
            return
        fields = {
            key.strip().lower(): item.strip()
            for key, _, item in (attribute.partition("=") for attribute in attributes)
        }
        domain = fields.get("domain", "").lstrip(".").lower()
        if domain and not _domain_matches(origin.host, domain):
            return
        cookie_path = fields.get("path", "")
        if not cookie_path.startswith("/"):
            cookie_path = path[: path.rfind("/")] or "/"
        now = time.time() if now_s is None else now_s
        cookie = _Cookie(
            name,
            value.strip(),
            domain or origin.host.lower(),
            not domain,
            cookie_path,
            "secure" in fields,
            _expiry(fields, now),
        )
        key = (cookie.domain, cookie.path, name)
        if cookie.expires_s is not None and cookie.expires_s <= now:
            self.stored.pop(key, None)
        else:
            self.stored[key] = cookie
            if len(self.stored) > _MOST_COOKIES:
                del self.stored[next(iter(self.stored))]

    def matching(self, origin: Origin, path: str, now_s: float | None = None) -> dict[str, str]:
        """The cookies that go with a request; of equal names the one with the longest path."""
        cookies: dict[str, str] = {}
        for cookie in self._sent_with(origin, path, now_s):
            cookies.setdefault(cookie.name, cookie.value)
        return cookies

    def header(self, origin: Origin, path: str, now_s: float | None = None) -> bytes:
        """The Cookie header line for a request; empty if no cookie goes with it."""
        cookies = self._sent_with(origin, path, now_s)
        if not cookies:
            return b""
        text = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
        return f"Cookie: {text}\r\n".encode("latin-1", "replace")

    def _sent_with(self, origin: Origin, path: str, now_s: float | None) -> list[_Cookie]:
        """Longer paths first, then those set first (RFC 6265 section 5.4)."""
        now = time.time() if now_s is None else now_s
        origin = self._homes.get(origin, origin)
        host = origin.host.lower()
        found = [
            cookie
            for cookie in self.stored.values()
            if (cookie.expires_s is None or cookie.expires_s > now)
            and (
                host == cookie.domain if cookie.host_only else _domain_matches(host, cookie.domain)
            )
            and _path_matches(path, cookie.path)
            and (origin.scheme == "https" or not cookie.secure)
        ]
        found.sort(key=lambda cookie: -len(cookie.path))
        return found


def _domain_matches(host: str, domain: str) -> bool:
    host = host.lower()
    return host == domain or (host.endswith(f".{domain}") and not _is_address(host))


def _is_address(host: str) -> bool:
    # no top-level domain ends with a digit
    return ":" in host or host[-1:].isdigit()


def _path_matches(path: str, cookie_path: str) -> bool:
    if path == cookie_path:
        return True
    return path.startswith(cookie_path) and (
        cookie_path.endswith("/") or path[len(cookie_path)] == "/"
    )


def _expiry(fields: dict[str, str], now_s: float) -> float | None:
    max_age = fields.get("max-age", "")
    if _SECONDS.fullmatch(max_age):
        return now_s + int(max_age)
    try:
        expires = parsedate_to_datetime(fields.get("expires", ""))
    except (ValueError, OverflowError):
        return None
    return (expires if expires.tzinfo else expires.replace(tzinfo=UTC)).timestamp()
