"""Digest access authentication: from a challenge to the header line that answers it. Pure.

MD5 and SHA-256, each also as -sess, with `qop=auth` or, for old servers, without.
Source: RFC 7616; the grammar of challenges is RFC 9110 section 11.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

#: the best first, as RFC 7616 section 3.7 asks
_ALGORITHMS: Final = {"sha-256": "sha256", "md5": "md5"}
_SEPARATORS: Final = re.compile(r"[\s,]*")
_WORD: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_PARAMETER: Final = re.compile(rf'({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))')
_SCHEME: Final = re.compile(rf"({_WORD})(?:\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$)))?")


@dataclass(slots=True)
class Challenge:
    """A server's nonce and what goes with it; it counts how often it has been answered."""

    realm: str
    nonce: str
    algorithm: str = "MD5"  # as the server spells it
    opaque: str | None = None
    qop: bool = True  # auth, else the older form without
    stale: bool = False
    userhash: bool = False
    count: int = 0
    cnonce: str = field(default_factory=lambda: secrets.token_hex(8))

    def answer(self, method: str, target: str, user: str, password: str) -> bytes:
        """The header line for one more request."""
        self.count += 1
        secret = self._hash(f"{user}:{self.realm}:{password}")
        if self.algorithm.lower().endswith("-sess"):
            secret = self._hash(f"{secret}:{self.nonce}:{self.cnonce}")
        what = self._hash(f"{method}:{target}")
        middle = f"{self.count:08x}:{self.cnonce}:auth:" if self.qop else ""
        shown = self._hash(f"{user}:{self.realm}") if self.userhash else user
        parts = [
            f"username={_quoted(shown)}",
            f"realm={_quoted(self.realm)}",
            f"nonce={_quoted(self.nonce)}",
            f"uri={_quoted(target)}",
            f"algorithm={self.algorithm}",
            f'response="{self._hash(f"{secret}:{self.nonce}:{middle}{what}")}"',
        ]
        if self.qop:
            parts += ["qop=auth", f"nc={self.count:08x}", f'cnonce="{self.cnonce}"']
        if self.opaque is not None:
            parts.append(f"opaque={_quoted(self.opaque)}")
        if self.userhash:
            parts.append("userhash=true")
        return f"Authorization: Digest {', '.join(parts)}\r\n".encode()

    def _hash(self, text: str) -> str:
        name = _ALGORITHMS[self.algorithm.lower().removesuffix("-sess")]
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def best_challenge(header: str) -> Challenge | None:
    """The best challenge of a WWW-Authenticate header that can be answered; None: there is none."""
    found = [
        challenge
        for scheme, parameters in _challenges(header)
        if scheme == "digest" and (challenge := _digest(parameters)) is not None
    ]
    ranks = list(_ALGORITHMS)
    found.sort(key=lambda one: ranks.index(one.algorithm.lower().removesuffix("-sess")))
    return found[0] if found else None


def next_nonce(header: str) -> str | None:
    """The nonce for the next request, if an Authentication-Info header names one."""
    match = re.search(r'\bnextnonce\s*=\s*"([^"\\\r\n]*)"', header, re.IGNORECASE)
    return match[1] if match else None


def _digest(parameters: dict[str, str]) -> Challenge | None:
    algorithm = parameters.get("algorithm", "MD5")
    qops = [qop.strip().lower() for qop in parameters.get("qop", "").split(",") if qop.strip()]
    if algorithm.lower().removesuffix("-sess") not in _ALGORITHMS:
        return None
    if "nonce" not in parameters or (qops and "auth" not in qops):
        return None
    return Challenge(
        realm=parameters.get("realm", ""),
        nonce=parameters["nonce"],
        algorithm=algorithm,
        opaque=parameters.get("opaque"),
        qop=bool(qops),
        stale=parameters.get("stale", "").lower() == "true",
        userhash=parameters.get("userhash", "").lower() == "true",
    )


def _challenges(header: str) -> list[tuple[str, dict[str, str]]]:
    """(lower-case scheme, parameters by lower-case name) of each challenge, in order."""
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while True:
        at = _skip(header, at)
        parameter = _PARAMETER.match(header, at)
        if parameter is not None and found:
            value = parameter[3] if parameter[2] is None else re.sub(r"\\(.)", r"\1", parameter[2])
            found[-1][1].setdefault(parameter[1].lower(), value)
            at = parameter.end()
            continue
        scheme = _SCHEME.match(header, at)
        if scheme is None:
            return found  # the end, or what is no challenge
        found.append((scheme[1].lower(), {}))
        at = scheme.end()


def _skip(header: str, at: int) -> int:
    match = _SEPARATORS.match(header, at)
    return match.end() if match is not None else at


def _quoted(text: str) -> str:
    """A quoted string; nothing in it can end the header line."""
    clean = re.sub(r"[\r\n]", " ", text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
