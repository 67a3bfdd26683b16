"""Names by which a value is a credential, whatever it looks like. Pure."""

from __future__ import annotations

import re
from typing import Final

#: words of a name that say that its value is a credential …
_WORDS: Final = frozenset(
    {
        "apikey", "auth", "authorization", "cookie", "credential", "credentials", "jwt", "key",
        "passwd", "password", "secret", "token",
    }
)  # fmt: skip
#: … also without anything between them and the word before: `accesstoken`
_ENDS: Final = ("apikey", "password", "secret", "token")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_credential(name: str) -> bool:
    """Whether a header or parameter is one by its name: `apikey`, `X-Api-Key`, `accessToken`."""
    words = [word.lower() for word in _WORD.findall(name)]
    return any(word in _WORDS or word.endswith(_ENDS) for word in words)
