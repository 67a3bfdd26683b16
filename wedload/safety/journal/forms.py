"""The forms in which a request may hold a secret, by name: each is a function of its value. Pure.

A reference in a journal says which secret stood there, and in which of these forms. In base64 a
secret has no form of its own, as that depends on what is around it: `hidden_in` finds it there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_from_bytes, quote_plus

from wedload.safety.encodings import letters_inside
from wedload.workload.request import AS_IS

if TYPE_CHECKING:
    from collections.abc import Callable

#: fewer letters of base64 than that stand somewhere by chance
_FEWEST_LETTERS: Final = 6
_HEX: Final = re.compile(r"%[0-9A-F]{2}")


def plain(value: str) -> bytes:
    """As it is; what the environment has in no encoding stays in none."""
    return value.encode("utf-8", "surrogateescape")


def _percent(value: str) -> bytes:
    return quote_from_bytes(plain(value), safe="").encode()


def _percent_small(value: str) -> bytes:
    return _HEX.sub(lambda match: match[0].lower(), _percent(value).decode()).encode()


def _url(value: str) -> bytes:
    return quote_from_bytes(plain(value), safe=AS_IS).encode()


def _form(value: str) -> bytes:
    return quote_plus(plain(value)).encode()


def _json(value: str) -> bytes:
    return json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "surrogateescape")


def _json_ascii(value: str) -> bytes:
    return json.dumps(value)[1:-1].encode()


def _stripped(value: str) -> bytes:
    return plain(value.strip())


#: in the order in which they are thought of where several are the same
FORMS: Final[dict[str, Callable[[str], bytes]]] = {
    "plain": plain,
    "percent": _percent,
    "percent-small": _percent_small,
    "url": _url,
    "form": _form,
    "json": _json,
    "json-ascii": _json_ascii,
    "stripped": _stripped,
}


def hidden_in(value: str) -> frozenset[bytes]:
    """What base64 has in it if the value is anywhere in what was encoded."""
    return frozenset(
        letters.encode()
        for letters in letters_inside(plain(value))
        if len(letters) >= _FEWEST_LETTERS
    )
