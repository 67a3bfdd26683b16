"""Which values of a request are credentials, and whether references are all that they are. Pure.

A credential that is not made of secrets that come from somewhere is a token: a target gave it, and
it is good for nothing after a while, and until then for too much. It is in no journal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote_from_bytes, unquote_plus

from wedload.bounded import parse_json
from wedload.plan.secrets.names import is_credential

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: credentials by their name, and none (draft-ietf-httpapi-idempotency-key-header)
_HARMLESS: Final = frozenset({"idempotency-key", "x-idempotency-key"})
#: words of a name of which only what a target gives has one. (A password is the plan's own, and who
#: signs in again needs it: where it does not come from a secret, it is in the plan's own data.)
_TOKENS: Final = re.compile(
    r"token|jwt|cookie|authorization|bearer|assertion|session_?(?:id|key)", re.IGNORECASE
)
#: a token that is shorter may be in a path by chance
_SHORTEST: Final = 8
#: what stands for a reference while a value is looked at
MARK: Final = b"\0"
#: references, with a scheme's word before them or with what may stand between two
_REFERENCES: Final = re.compile(rb"\s*(?:[A-Za-z][A-Za-z0-9-]*\s+)?\0(?:[:., ]?\0)*\s*")


def is_credential_header(name: bytes) -> bool:
    """Whether a header's value is a credential."""
    text = name.decode("latin-1").strip()
    return text.lower() not in _HARMLESS and is_credential(text)


def is_credential_variable(name: str, value: Any) -> bool:
    """Whether a variable is a credential, or has one in it, by their names."""
    if isinstance(value, dict):
        return any(is_credential_variable(key, item) for key, item in value.items())
    if isinstance(value, list):
        return any(is_credential_variable(name, item) for item in value)
    return isinstance(value, str) and bool(value) and is_credential(name)


def shown_tokens(lines: Iterable[tuple[str, bytes]]) -> tuple[bytes, ...]:
    """The words of credentials in header lines (name, line), in the forms that a path may have."""
    found = set()
    for name, line in lines:
        if is_credential_header(name.encode()):
            for word in line.partition(b":")[2].split():
                if len(word) >= _SHORTEST:
                    found |= {word, quote_from_bytes(word, safe="").encode()}
    return tuple(found)


def only_references(marked: bytes) -> bool:
    """Whether a credential is made of references, each of which is a `MARK`, or shows nothing."""
    return not marked.strip() or _REFERENCES.fullmatch(marked) is not None


def query_credentials(target: bytes) -> Iterator[bytes]:
    """The values of a query that are credentials by their parameters' names, as they stand."""
    for pair in target.partition(b"?")[2].split(b"&"):
        name, _, value = pair.partition(b"=")
        if value and is_credential(unquote_plus(name.decode("latin-1"))):
            yield value


def body_tokens(body: bytes) -> Iterator[bytes]:
    """The values of a JSON or form body that are tokens by their fields' names, as UTF-8."""
    if body.lstrip()[:1] in {b"{", b"["}:
        try:
            yield from _tokens_in("", parse_json(body))
        except ValueError:
            return
    elif b"=" in body:
        for name, value in parse_qsl(body.decode("latin-1")):
            if _TOKENS.search(name):
                yield value.encode()


def _tokens_in(name: str, value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _tokens_in(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _tokens_in(name, item)
    elif isinstance(value, str) and value and _TOKENS.search(name):
        yield value.encode()
